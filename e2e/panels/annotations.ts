import type { Locator, Page } from 'playwright/test';
import { numbersIn } from './text.ts';

export interface ListedTrade {
  readonly direction: string;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly profitPct: number;
}

export class AnnotationsPanel {
  readonly root: Locator;
  readonly rows: Locator;
  readonly summary: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('panel-annotations');
    this.rows = this.root.getByTestId('annotation-row');
    this.summary = this.root.locator('.annotations-summary');
  }

  /** Rows from the newest entry to the oldest. */
  async listed(): Promise<ListedTrade[]> {
    const trades: ListedTrade[] = [];
    for (const row of await this.rows.all()) trades.push(await readRow(row));
    return trades;
  }

  /** The row that is selected on the chart as well. */
  get selected(): Locator {
    return this.rows.and(this.root.locator('[aria-selected="true"]'));
  }

  async selectedTrade(): Promise<ListedTrade> {
    return readRow(this.selected);
  }

  /** What tells rows apart, for comparisons over time. */
  async texts(): Promise<string[]> {
    return (await this.rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
  }

  async jumpTo(index: number): Promise<void> {
    await this.rows.nth(index).getByTestId('annotation-jump').click();
  }
}

async function readRow(row: Locator): Promise<ListedTrade> {
  const cells = row.getByRole('cell');
  const [entryPrice, exitPrice] = numbersIn(await cells.nth(2).innerText());
  const [profitPct] = numbersIn(await cells.nth(4).innerText());
  if (entryPrice === undefined || exitPrice === undefined || profitPct === undefined) {
    throw new Error(`a row of the annotations is not as expected: ${await row.innerText()}`);
  }
  return { direction: (await cells.nth(0).getAttribute('title')) ?? '', entryPrice, exitPrice, profitPct };
}
