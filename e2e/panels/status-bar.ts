import { expect, type Locator, type Page } from 'playwright/test';

export class StatusBar {
  readonly root: Locator;
  readonly book: Locator;
  readonly clock: Locator;
  readonly workers: Locator;
  readonly notices: Locator;
  readonly noticeList: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('status-bar');
    this.book = this.root.getByTestId('book-state');
    this.clock = this.root.getByTestId('market-clock');
    this.workers = this.root.getByTestId('worker-health');
    this.notices = this.root.getByTestId('notices');
    this.noticeList = this.root.getByTestId('notices-list');
  }

  async live(): Promise<void> {
    await expect(this.book).toContainText('binance live', { timeout: 60_000 });
  }

  /** Market time in milliseconds. */
  async marketTime(): Promise<number> {
    const match = /(\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d)/.exec(await this.clock.innerText());
    if (match === null) throw new Error('the status bar shows no market time');
    return Date.parse(`${match[1]}T${match[2]}Z`);
  }

  /** Waits until the market has moved on by this much. */
  async advances(marketMs: number): Promise<void> {
    const from = await this.marketTime();
    await expect
      .poll(() => this.marketTime(), { message: `the market moves on by ${marketMs / 1000} s`, timeout: 60_000 })
      .toBeGreaterThanOrEqual(from + marketMs);
  }
}
