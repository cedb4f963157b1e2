import { expect, type Locator, type Page } from 'playwright/test';

/** The dialog in which symbols are followed and their sources chosen. */
export class SymbolDialog {
  readonly #page: Page;
  readonly root: Locator;
  readonly search: Locator;
  readonly apply: Locator;
  readonly unfollow: Locator;
  readonly problem: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.root = page.getByTestId('symbols');
    this.search = this.root.getByTestId('symbols-search');
    this.apply = this.root.getByTestId('source-apply');
    this.unfollow = this.root.getByTestId('source-unfollow');
    this.problem = this.root.getByTestId('source-problem');
  }

  async openByMouse(): Promise<void> {
    await this.#page.getByTestId('symbols-button').click();
    await expect(this.search).toBeFocused();
  }

  async openByKeyboard(): Promise<void> {
    await this.#page.keyboard.press('/');
    await expect(this.search).toBeFocused();
  }

  async close(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await expect(this.root).toBeHidden();
  }

  option(symbol: string): Locator {
    return this.root.getByTestId(`symbol-option-${symbol}`);
  }

  /** `source`: `bybit:ETH/USDT`. */
  source(source: string): Locator {
    return this.root.getByTestId(`source-${source}`);
  }

  /** Waits until the source's book is live. */
  async live(source: string): Promise<void> {
    await expect(this.source(source).getByTestId('source-state')).toHaveText('live', { timeout: 60_000 });
  }

  async add(venue: string, symbol: string): Promise<void> {
    await this.root.getByTestId('source-venue').selectOption(venue);
    await this.root.getByTestId('source-symbol').fill(symbol);
    await this.root.getByTestId('source-add').click();
    await expect(this.source(`${venue}:${symbol}`)).toBeVisible();
  }
}
