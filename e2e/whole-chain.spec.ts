import type { Desk } from './fixtures/desk.ts';
import { expect, test } from './fixtures/test.ts';
import type { ListedTrade } from './panels/annotations.ts';
import type { Ohlc } from './panels/chart.ts';

const MINUTE_MS = 60_000;

test('a trader annotates, trains, follows predictions, trades on paper, and finds everything again', async ({
  folder,
  openDesk,
}) => {
  let desk = await test.step('the app opens on a moving practice market', async () => {
    const opened = await (await openDesk(folder)).ready();
    const { topBar, ladder, chart, statusBar } = opened;
    await expect(topBar.mode).toHaveText('SIM');
    await expect(ladder.mode).toHaveText('SIM');
    await expect(chart.legend).toContainText('SIM');
    await expect(statusBar.workers).toContainText('inference');
    await changes(() => ladder.rowsText(), 'the ladder is live');
    await changes(() => chart.legend.innerText(), 'the newest candle moves');
    await statusBar.advances(1_000);
    return opened;
  });
  const { page, chart, indicators, annotations, training, orders, ladder, statusBar, topBar } = desk;

  await test.step('a long trade is annotated with the mouse and snaps to the candles', async () => {
    await expect(chart.snap).toHaveAttribute('aria-pressed', 'true');
    await chart.leaveNewest();
    await chart.tool('long').click();
    const drawn = await chart.drag(await chart.at(0.2, 0.55), await chart.at(0.3, 0.3));
    await expect(annotations.rows).toHaveCount(1);
    const [trade] = (await annotations.listed()) as [ListedTrade];
    expect(trade.direction).toBe('long');
    expect(pricesOf(drawn.entry), 'the entry is a price of the candle under the press').toContain(trade.entryPrice);
    expect(pricesOf(drawn.exit), 'the exit is a price of the candle under the release').toContain(trade.exitPrice);
    expect(trade.profitPct).toBeCloseTo(profitOf(trade), 2);
  });

  await test.step('a short trade is annotated by keyboard choice of tool, without snapping', async () => {
    await page.keyboard.press('m');
    await expect(chart.snap).toHaveAttribute('aria-pressed', 'false');
    await page.keyboard.press('s');
    await expect(chart.tool('short')).toHaveAttribute('aria-pressed', 'true');
    await chart.drag(await chart.at(0.45, 0.25), await chart.at(0.55, 0.5));
    await expect(annotations.rows).toHaveCount(2);
    const trade = await annotations.selectedTrade();
    expect(trade.direction).toBe('short');
    expect(trade.exitPrice, 'dragged downwards').toBeLessThan(trade.entryPrice);
    expect(trade.profitPct, 'a short earns when the price falls').toBeGreaterThan(0);
    expect(trade.profitPct).toBeCloseTo(profitOf(trade), 2);
  });

  await test.step('its exit is dragged elsewhere by the handle', async () => {
    const before = await annotations.selectedTrade();
    const handle = await chart.handleNear(await chart.at(0.55, 0.5));
    await chart.drag(handle, { x: handle.x + 40, y: handle.y + 50 });
    await expect.poll(() => annotations.selectedTrade(), 'the trade ends lower now').not.toEqual(before);
    const after = await annotations.selectedTrade();
    expect(after.entryPrice).toBe(before.entryPrice);
    expect(after.exitPrice).toBeLessThan(before.exitPrice);
    expect(after.profitPct).toBeGreaterThan(before.profitPct);
    await expect(annotations.rows).toHaveCount(2);
  });

  await test.step('Delete, undo and redo', async () => {
    const both = await annotations.texts();
    await page.keyboard.press('Delete');
    await expect(annotations.rows).toHaveCount(1);
    await page.keyboard.press('Control+Z');
    await expect.poll(() => annotations.texts(), 'undone: it is back as it was').toEqual(both);
    await page.keyboard.press('Control+Shift+Z');
    await expect(annotations.rows).toHaveCount(1);
    await page.keyboard.press('Control+Z');
    await expect.poll(() => annotations.texts()).toEqual(both);
    await expect(chart.undo, 'the edits before are still to be undone').toBeEnabled();
  });

  await test.step('other timeframes show the trades, and the list jumps to them', async () => {
    await page.keyboard.press('v');
    const { width } = await chart.size();
    for (const timeframe of ['1h', '1d']) {
      await chart.selectTimeframe(timeframe);
      await annotations.jumpTo(0);
      await expect.poll(() => chart.isTradeAt(centreOf(width)), `the trade is on the ${timeframe} chart`).toBe(true);
    }
    await chart.selectTimeframe('1m');
    await chart.click(await chart.at(0.7, 0.9));
    for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chart.isTradeAt(centreOf(width)), 'panned away').toBe(false);
    await annotations.jumpTo(0);
    await expect.poll(() => chart.isTradeAt(centreOf(width)), 'jumped back').toBe(true);
    await page.keyboard.press('End');
  });

  await test.step('two annotations are too few to train on, and the app says how many more', async () => {
    await expect(annotations.summary).toContainText('1 more to train');
    await training.start.click();
    await expect(training.problem).toContainText('Annotate 1 more');
    await expect(training.state).toHaveText('Not training');
    await page.keyboard.press('l');
    await chart.drag(await chart.at(0.65, 0.6), await chart.at(0.75, 0.35));
    await expect(annotations.rows).toHaveCount(3);
    await page.keyboard.press('Escape');
  });

  await test.step('training runs, pauses, goes on and finishes', async () => {
    await training.epochs.fill('150');
    await training.start.click();
    await training.reachesStep(2);
    await training.pause.click();
    await expect(training.state).toHaveText('Paused');
    const pausedAt = await training.step();
    await statusBar.advances(1_000);
    expect(await training.step(), 'nothing is trained while paused').toBe(pausedAt);
    await training.resume.click();
    await training.reachesStep(pausedAt + 1);
    await expect(training.curve('loss')).toBeVisible();
    await expect(training.curve('accuracy')).toBeVisible();
    await expect(training.state).toHaveText('Finished', { timeout: 90_000 });
    expect(await training.step()).toBe(await training.totalSteps());
    await expect(training.message).toContainText('held-out loss');
    await expect(training.checkpoints).toHaveCount(1);
    await expect(training.root.getByText('in use')).toBeVisible();
  });

  await test.step('a second training stops at once and leaves a checkpoint', async () => {
    await training.epochs.fill('500');
    await training.start.click();
    await training.reachesStep(2);
    await training.stop.click();
    await expect(training.state).toHaveText('Stopped', { timeout: 5_000 });
    await expect(training.message).toContainText(`Stopped at step ${await training.step()}`);
    expect(await training.step(), 'most of the training was still to come').toBeLessThan((await training.totalSteps()) / 2);
    await expect(training.checkpoints).toHaveCount(2);
  });

  await test.step('every closed minute is predicted, drawn, and judged', async () => {
    await topBar.setSpeed(60);
    await expect
      .poll(() => training.outcomes(1), { message: 'outcomes a minute ahead', timeout: 60_000 })
      .toBeGreaterThanOrEqual(3);
    await topBar.setSpeed(1);
    await chart.openLayers();
    await chart.horizon(15).click();
    await expect(chart.horizon(15)).toHaveAttribute('aria-pressed', 'false');
    await expect(async () => {
      const drawn = await chart.picture();
      await chart.horizon(5).click();
      const without = await chart.picture();
      await chart.horizon(5).click();
      const again = await chart.picture();
      const moved = await chart.differences(drawn, again);
      expect(await chart.differences(drawn, without), 'the forecast is on the chart').toBeGreaterThan(moved + 100);
    }).toPass({ timeout: 20_000 });
    await expect(chart.horizon(5)).toHaveAttribute('aria-pressed', 'true');
  });

  await test.step('pivots are drawn from a level on, and the trends of every timeframe are told', async () => {
    await expect(async () => {
      await chart.pivotLevel.selectOption({ label: 'L1+' });
      const drawn = await chart.picture();
      await chart.pivotLevel.selectOption({ label: 'Off' });
      const without = await chart.picture();
      const moved = await chart.differences(without, await chart.picture());
      expect(await chart.differences(drawn, without), 'pivots are on the chart').toBeGreaterThan(moved + 300);
    }).toPass({ timeout: 20_000 });
    await chart.pivotLevel.selectOption({ label: 'L2+' });
    await chart.closeLayers();
    await page.keyboard.press('Alt+M');
    const structure = page.getByTestId('panel-structure');
    await expect(structure.getByTestId('trend-1m-1')).toHaveText(/[▲▼▬]/);
    await expect(structure.getByTestId('structure-context')).toContainText('candles since');
    await structure.getByTestId('structure-5m').click();
    await expect(chart.legend).toContainText(' 5m ');
    await structure.getByTestId('structure-1m').click();
    await expect(chart.legend).toContainText(' 1m ');
    await chart.ready();
    await page.keyboard.press('Alt+3');
  });

  await test.step('a market order fills, by keyboard alone', async () => {
    await page.keyboard.press('Shift+B');
    await expect(orders.quantity).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await expect(orders.type('market')).toBeFocused();
    await page.keyboard.press('Space');
    await expect(orders.type('market')).toHaveAttribute('aria-pressed', 'true');
    await page.keyboard.press('Shift+B');
    await expect(orders.quantity).toBeFocused();
    await page.keyboard.type('1.5');
    await page.keyboard.press('Enter');
    await expect(orders.accepted).toBeVisible();
    await orders.show('all');
    await expect(orders.inState('filled')).toHaveCount(1);
    await orders.show('fills');
    await expect(orders.fills.first()).toContainText('taker');
    await orders.show('positions');
    await expect(orders.positionQuantity).toHaveText('1.5');
    expect(await orders.balanceValue(), 'the fee is paid').toBeLessThan(10_000);
    await expect(orders.unrealised).toHaveText(/^[+−]?\d/);
  });

  await test.step('limit orders rest, one is cancelled', async () => {
    for (const bucket of [-4, -5]) {
      const mid = await ladder.midPrice();
      await ladder.row(bucket).click();
      await expect(orders.type('limit')).toHaveAttribute('aria-pressed', 'true');
      expect(Number(await orders.price.inputValue()), 'the price that was clicked').toBeLessThan(mid);
      await orders.quantity.fill('0.5');
      await page.keyboard.press('Enter');
      await expect(orders.accepted).toBeVisible();
    }
    await orders.show('open');
    await expect(orders.inState('accepted')).toHaveCount(2);
    await orders.rows.first().getByTestId('order-cancel').click();
    await expect(orders.inState('accepted')).toHaveCount(1);
    await orders.show('all');
    await expect(orders.inState('cancelled')).toHaveCount(1);
  });

  await test.step('the risk gate refuses what is too large, and the kill switch refuses everything', async () => {
    await page.keyboard.press('Shift+S');
    await orders.type('market').click();
    await orders.quantity.fill('100');
    await orders.submit.click();
    await expect(orders.refusal).toContainText('within 5000');
    await page.keyboard.press('Control+Shift+K');
    await expect(topBar.killSwitch).toHaveAttribute('aria-pressed', 'true');
    await expect(orders.inState('accepted'), 'the kill switch cancels').toHaveCount(0);
    await orders.quantity.fill('0.1');
    await orders.submit.click();
    await expect(orders.refusal).toContainText('kill switch');
    await topBar.killSwitch.click();
    await page.getByTestId('confirm-accept').click();
    await expect(topBar.killSwitch).toHaveAttribute('aria-pressed', 'false');
  });

  await test.step('indicators are found by name, set, read under the crosshair and taken off again', async () => {
    await page.getByTestId('indicators-open').click();
    await indicators.add('simple', 'sma');
    await indicators.param('period').fill('0');
    await expect(indicators.param('period')).toHaveAttribute('aria-invalid', 'true');
    await indicators.param('period').fill('1');
    await page.keyboard.press('Enter');
    await indicators.search.focus();
    await indicators.add('rsi', 'rsi');
    await indicators.add('bollinger', 'bollinger');
    await indicators.close();
    const rsi = Number(await indicators.reading('RSI 14').getByTestId('reading-rsi').innerText());
    expect(rsi).toBeGreaterThan(0);
    expect(rsi).toBeLessThan(100);
    const { x, y } = await chart.at(0.4, 0.3);
    await chart.hover({ x, y });
    const ofClose = indicators.reading('SMA 1').getByTestId('reading-sma');
    await expect
      .poll(async () => Number(await ofClose.innerText()), 'the mean of one close')
      .toBe((await chart.shownCandle()).close);
    await indicators.reading('BB 20 2').hover();
    await indicators.reading('BB 20 2').getByTestId('reading-remove').click();
    await expect(indicators.reading('BB 20 2')).toBeHidden();
  });

  await test.step('one more resting order, light theme, another timeframe, the system panel in front', async () => {
    await page.keyboard.press('Shift+B');
    await ladder.row(-4).click();
    await orders.quantity.fill('0.5');
    await page.keyboard.press('Enter');
    await orders.show('all');
    await expect(orders.inState('accepted')).toHaveCount(1);
    await topBar.theme.click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
    await chart.selectTimeframe('1h');
    await topBar.run('Show System');
    await expect(page.getByTestId('panel-system')).toBeVisible();
  });

  const atQuit = await memoryOf(desk);
  await page.keyboard.press('Alt+6');
  await expect(page.getByTestId('panel-system')).toBeVisible();
  await expect.poll(() => folder.savedWindow(), 'the layout is saved once it has rested').toContain('"activeView": "system"');
  expect(desk.complaints, 'nothing went wrong in the page').toEqual([]);

  desk = await test.step('after quitting and starting again everything is there', async () => {
    expect(await desk.quit()).toBe(0);
    const again = await (await openDesk(folder)).ready();
    await expect(again.page.locator('html')).toHaveAttribute('data-theme', 'light');
    await expect(again.page.getByTestId('panel-system')).toBeVisible();
    await expect(again.chart.timeframe('1h')).toHaveAttribute('aria-pressed', 'true');
    await expect(again.chart.snap).toHaveAttribute('aria-pressed', 'false');
    await expect(again.indicators.reading('SMA 1')).toBeVisible();
    await expect(again.indicators.reading('RSI 14')).toBeVisible();
    await foundAgain(again, atQuit);
    return again;
  });

  await test.step('after a kill in the middle of everything it is still there', async () => {
    await desk.topBar.setSpeed(60);
    await desk.training.epochs.fill('500');
    await desk.training.start.click();
    await desk.training.reachesStep(2);
    await desk.page.keyboard.press('Shift+S');
    await desk.orders.type('market').click();
    await desk.orders.quantity.fill('0.5');
    await desk.orders.submit.click();
    await expect(desk.orders.accepted).toBeVisible();
    await expect.poll(() => desk.training.outcomes(1), { timeout: 60_000 }).toBeGreaterThan(atQuit.outcomes);
    await desk.orders.show('all');
    await expect(desk.orders.inState('filled')).toHaveCount(2);
    const atKill = await memoryOf(desk);
    const killedAt = await desk.statusBar.marketTime();
    await desk.kill();

    const again = await (await openDesk(folder)).ready();
    await foundAgain(again, atKill);
    expect(await again.statusBar.marketTime(), 'market time never runs back').toBeGreaterThanOrEqual(killedAt - 2 * MINUTE_MS);
    await expect(again.training.state, 'the killed training is not taken for running').toHaveText('Not training');
    expect(again.complaints).toEqual([]);
  });
});

interface Memory {
  readonly annotations: readonly string[];
  readonly checkpoints: readonly string[];
  readonly outcomes: number;
  readonly orders: readonly string[];
  readonly fills: readonly string[];
  readonly position: string;
  readonly balance: string;
}

/** What a desk shows that must outlive it. */
async function memoryOf({ page, annotations, training, orders }: Desk): Promise<Memory> {
  await page.keyboard.press('Alt+3');
  await orders.show('all');
  const listed = await orders.listed();
  await orders.show('fills');
  const fills = await orders.fillTexts();
  await orders.show('positions');
  const position = await orders.positionQuantity.innerText();
  const balance = await orders.balance.innerText();
  return {
    annotations: await annotations.texts(),
    checkpoints: await training.checkpointIds(),
    outcomes: await training.outcomes(1),
    orders: listed,
    fills,
    position,
    balance,
  };
}

async function foundAgain(desk: Desk, before: Memory): Promise<void> {
  await expect.poll(() => desk.training.checkpointIds()).toEqual(before.checkpoints);
  await expect.poll(() => desk.training.outcomes(1)).toBeGreaterThanOrEqual(before.outcomes);
  const { outcomes, ...now } = await memoryOf(desk);
  expect({ ...now, outcomes: before.outcomes }).toEqual(before);
  expect(outcomes).toBeGreaterThanOrEqual(before.outcomes);
}

async function changes(look: () => Promise<string>, what: string): Promise<void> {
  const before = await look();
  await expect.poll(look, { message: what, timeout: 30_000 }).not.toBe(before);
}

function pricesOf({ open, high, low, close }: Ohlc): number[] {
  return [open, high, low, close];
}

function profitOf({ direction, entryPrice, exitPrice }: ListedTrade): number {
  const change = (100 * (exitPrice - entryPrice)) / entryPrice;
  return direction === 'long' ? change : -change;
}

/** Middle of the candles' pane, which ends where the price axis begins. */
function centreOf(plotWidth: number): number {
  return (plotWidth - 62) / 2;
}
