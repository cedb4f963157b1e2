import type { Locator, Page } from 'playwright/test';
import { numbersIn } from './text.ts';

type Tab = 'open' | 'all' | 'fills' | 'positions';

/** Ticket, blotter, fills, positions and the account. */
export class OrdersPanel {
  readonly root: Locator;
  readonly ticket: Locator;
  readonly quantity: Locator;
  readonly price: Locator;
  readonly submit: Locator;
  readonly accepted: Locator;
  readonly refusal: Locator;
  readonly rows: Locator;
  readonly fills: Locator;
  readonly positions: Locator;
  readonly positionQuantity: Locator;
  readonly balance: Locator;
  readonly equity: Locator;
  readonly unrealised: Locator;

  constructor(page: Page) {
    this.root = page.getByTestId('panel-orders');
    this.ticket = this.root.getByTestId('ticket');
    this.quantity = this.root.getByTestId('ticket-quantity');
    this.price = this.root.getByTestId('ticket-price');
    this.submit = this.root.getByTestId('ticket-submit');
    this.accepted = this.root.getByTestId('ticket-accepted');
    this.refusal = this.root.getByTestId('ticket-refusal');
    this.rows = this.root.getByTestId('order-row');
    this.fills = this.root.getByTestId('fill-row');
    this.positions = this.root.getByTestId('position-row');
    this.positionQuantity = this.root.getByTestId('position-quantity');
    this.balance = this.root.getByTestId('account-balance');
    this.equity = this.root.getByTestId('account-equity');
    this.unrealised = this.root.getByTestId('account-unrealised');
  }

  type(type: 'market' | 'limit'): Locator {
    return this.root.getByTestId(`ticket-${type}`);
  }

  async show(tab: Tab): Promise<void> {
    await this.root.getByTestId(`orders-tab-${tab}`).click();
  }

  inState(state: string): Locator {
    return this.root.locator(`[data-testid="order-row"][data-state="${state}"]`);
  }

  /** Ids and states of the listed orders, newest first. */
  async listed(): Promise<string[]> {
    const rows = await this.rows.all();
    return Promise.all(
      rows.map(async (row) => `${await row.getAttribute('data-order-id')} ${await row.getAttribute('data-state')}`),
    );
  }

  async fillTexts(): Promise<string[]> {
    return (await this.fills.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim());
  }

  async balanceValue(): Promise<number> {
    const [value] = numbersIn(await this.balance.innerText());
    if (value === undefined) throw new Error('the balance is not shown');
    return value;
  }
}
