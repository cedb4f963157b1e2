import type { Locator, Page } from 'playwright/test';
import { numbersIn } from './text.ts';

export class LadderPanel {
  readonly root: Locator;
  readonly mode: Locator;
  readonly mid: Locator;
  /** How many venues are merged; its press lists them. */
  readonly sources: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('panel-ladder');
    this.mode = this.root.getByTestId('ladder-mode');
    this.mid = this.root.getByTestId('ladder-mid');
    this.sources = this.root.getByTestId('ladder-sources-button');
  }

  /** The row of a price bucket: 0 holds the mid, −1 is the next below it. */
  row(bucket: number): Locator {
    return this.root.getByTestId(`ladder-row-${bucket}`);
  }

  /** Text of every row: it changes with every visible change of the book. */
  rowsText(): Promise<string> {
    return this.root.getByRole('group', { name: 'Prices' }).innerText();
  }

  async midPrice(): Promise<number> {
    const [mid] = numbersIn(await this.mid.innerText());
    if (mid === undefined) throw new Error('the ladder shows no mid');
    return mid;
  }
}
