import type { Locator, Page } from 'playwright/test';

/** The option chain of one expiry. */
export class OptionsPanel {
  readonly root: Locator;
  readonly live: Locator;
  readonly rows: Locator;
  readonly atTheMoney: Locator;
  readonly #expiry: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('panel-options');
    this.live = this.root.getByTestId('options-live');
    this.rows = this.root.getByTestId('option-row');
    this.atTheMoney = this.root.locator('[data-testid="option-row"][data-atm="true"]');
    this.#expiry = this.root.getByTestId('options-expiry');
  }

  underlying(name: 'BTC' | 'ETH'): Locator {
    return this.root.getByTestId(`options-${name.toLowerCase()}`);
  }

  /** Chooses the expiry at this place of the list; 1 is the nearest while none is followed. */
  async follow(place: number): Promise<void> {
    await this.#expiry.selectOption({ index: place });
  }
}
