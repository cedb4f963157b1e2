import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Desk } from './fixtures/desk.ts';
import { expect, test } from './fixtures/test.ts';

const SYMBOL = 'ETH/USDT';
const MINUTE_MS = 60_000;

/** The venue's own candle: open time, open, high, low, close, volume. */
type Kline = readonly [number, string, string, string, string, string, ...unknown[]];

test('the exchange dies and hangs; the book goes stale, orders are refused, and nothing is missing afterwards', async ({
  folder,
  openDesk,
}) => {
  const port = await freePort();
  folder.configure({ practice: { port, speed: 10 }, connections: { silenceMs: 1_000 } });
  const desk = await (await openDesk(folder)).ready();
  const { page, orders, ladder, statusBar, topBar } = desk;
  const startedAt = await statusBar.marketTime();
  await statusBar.advances(10_000);

  await test.step('killed: the supervisor starts it again and the market goes on', async () => {
    const killed = await desk.processId('lab');
    const before = await statusBar.marketTime();
    await topBar.run('Show System');
    const row = page.getByTestId('worker-lab');
    const prices = await topBar.watchPrice();
    process.kill(killed, 'SIGKILL');
    await expect(row.getByRole('cell').nth(4), 'restarts').toHaveText('1');
    await expect(row).toHaveAttribute('data-state', 'ready');
    await statusBar.live();
    expect(await prices.jsonValue(), 'no price is shown without a book').toContain('no live book');
    expect(await desk.processId('lab')).not.toBe(killed);
    await expect(topBar.price).toContainText('bps');
    await statusBar.advances(10_000);
    expect(await statusBar.marketTime()).toBeGreaterThan(before);
    await hasEveryCandle(desk, port, startedAt);
  });

  // Windows cannot hold a process still.
  if (process.platform === 'win32') return;
  await test.step('held still: the book is stale, and the gate refuses orders for want of a book', async () => {
    const lab = await desk.processId('lab');
    process.kill(lab, 'SIGSTOP');
    try {
      await expect(statusBar.book).toContainText('stale');
      await expect(topBar.price).toContainText('no live book');
      await expect(ladder.root).toContainText('No live order book');
      await page.keyboard.press('Alt+3');
      await orders.type('market').click();
      await orders.quantity.fill('1');
      await orders.submit.click();
      await expect(orders.refusal).toContainText('no live book');
      await orders.show('all');
      await expect(orders.inState('filled')).toHaveCount(0);
      await expect(orders.inState('rejected')).toHaveCount(1);
    } finally {
      process.kill(lab, 'SIGCONT');
    }
    await statusBar.live();
    await expect(topBar.price).toContainText('bps');
    await orders.submit.click();
    await expect(orders.inState('filled')).toHaveCount(1);
    await statusBar.advances(MINUTE_MS);
    await hasEveryCandle(desk, port, startedAt);
  });
  expect(desk.complaints).toEqual([]);
});

/** From the start of the test on, every closed candle is there and is the one that the exchange has. */
async function hasEveryCandle(desk: Desk, port: number, since: number): Promise<void> {
  const wire = await desk.wire();
  for (const [timeframe, length] of [
    ['1s', 1_000],
    ['1m', MINUTE_MS],
  ] as const) {
    const from = Math.ceil(since / length) * length;
    const until = Math.floor((await desk.statusBar.marketTime()) / length) * length - 3 * length;
    const theirs = await klines(port, timeframe, from, until);
    await expect(async () => {
      const page = await wire.command('getCandles', { symbol: SYMBOL, timeframe, limit: 1_000 });
      const ours = page.candles.filter(({ openTime }) => openTime >= from && openTime < until);
      expect(
        ours.map(({ openTime, open, high, low, close, volume }) => [openTime, open, high, low, close, Number(volume.toFixed(5))]),
      ).toEqual(theirs);
    }).toPass({ timeout: 20_000 });
  }
}

async function klines(port: number, interval: string, from: number, until: number): Promise<number[][]> {
  const query = new URLSearchParams({
    symbol: SYMBOL.replace('/', ''),
    interval,
    startTime: `${from}`,
    endTime: `${until - 1}`,
    limit: '1000',
  });
  const response = await fetch(`http://127.0.0.1:${port}/api/v3/klines?${query}`);
  const rows = (await response.json()) as Kline[];
  return rows.map(([openTime, ...values]) => [openTime, ...values.slice(0, 5).map(Number)]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
