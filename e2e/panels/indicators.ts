import { expect, type Locator, type Page } from 'playwright/test';

/** The dialog in which indicators are chosen and set, and their values on the chart. */
export class Indicators {
  readonly #page: Page;
  readonly root: Locator;
  readonly search: Locator;
  readonly present: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.root = page.getByTestId('indicators');
    this.search = page.getByTestId('indicators-search');
    this.present = this.root.getByTestId('indicator');
  }

  async open(): Promise<void> {
    await this.#page.keyboard.press('i');
    await expect(this.search).toBeFocused();
  }

  /** By keyboard: the first that the words find. */
  async add(words: string, id: string): Promise<void> {
    const before = await this.present.count();
    await this.search.fill(words);
    await expect(this.root.getByTestId(`indicator-${id}`)).toHaveAttribute('aria-selected', 'true');
    await this.#page.keyboard.press('Enter');
    await expect(this.present).toHaveCount(before + 1);
  }

  param(name: string): Locator {
    return this.root.getByTestId(`param-${name}`);
  }

  async close(): Promise<void> {
    await this.root.getByTestId('indicators-close').click();
    await expect(this.root).toBeHidden();
  }

  /** What the chart says of it, at the crosshair or the newest candle. */
  reading(title: string): Locator {
    return this.#page.getByTestId('reading').filter({ has: this.#page.getByText(title, { exact: true }) });
  }
}
