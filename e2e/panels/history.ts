import type { Locator, Page } from 'playwright/test';

/** Downloads of history, and imports of files. */
export class HistoryPanel {
  readonly root: Locator;
  readonly downloads: Locator;
  readonly imports: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('panel-history');
    this.downloads = this.root.getByTestId('download-job');
    this.imports = this.root.getByTestId('import-job');
  }

  async show(tab: 'download' | 'import'): Promise<void> {
    await this.root.getByTestId(`history-tab-${tab}`).click();
  }

  part(name: string): Locator {
    return this.root.getByTestId(name);
  }
}
