import type { Locator, Page } from 'playwright/test';

/** Every venue with its instruments. */
export class VenuesPanel {
  readonly root: Locator;
  readonly summary: Locator;
  readonly rows: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('panel-venues');
    this.summary = this.root.getByTestId('venues-summary');
    this.rows = this.root.getByTestId('venue-row');
  }

  /** A venue's row in a followed symbol. */
  row(followed: string, venue: string): Locator {
    return this.root.locator(`[data-testid="venue-row"][data-followed="${followed}"][data-venue="${venue}"]`);
  }

  group(key: string): Locator {
    return this.root.getByTestId(`venue-group-${key}`);
  }

  async groupBy(grouping: 'venue' | 'symbol'): Promise<void> {
    await this.root.getByTestId(`venues-by-${grouping}`).click();
  }
}
