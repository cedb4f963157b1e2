import { expect, test } from './fixtures/test.ts';

const ETH = 'ETH/USDT';
const BTC = 'BTC/USDT';

test('venues and symbols come and go without a restart, by mouse and by keyboard', async ({ folder, openDesk }) => {
  folder.configure({
    symbols: { [ETH]: { bucketWidth: 1, sources: [`binance:${ETH}`] }, [BTC]: { bucketWidth: 10, sources: [`binance:${BTC}`] } },
  });
  let desk = await (await openDesk(folder)).ready();
  const { page, symbols, venues, options, ladder, statusBar, topBar, chart } = desk;

  await test.step('the book is one venue’s', async () => {
    await expect(ladder.sources).toHaveText('Binance');
    await expect(page.getByTestId('chart-price')).toHaveAttribute('data-expired', 'false');
    await expect(page.getByTestId('chart-price')).toContainText('book Binance');
  });

  await test.step('another venue is added with the mouse: its book goes live and joins', async () => {
    await symbols.openByMouse();
    await symbols.option(ETH).click();
    await symbols.add('bybit', ETH);
    await symbols.apply.click();
    await expect(symbols.search, 'ready for the next').toBeFocused();
    await symbols.live(`bybit:${ETH}`);
    await symbols.close();
    await expect(ladder.sources).toHaveText('2 venues');
    await expect(statusBar.book).toContainText('binance live · 2/2 books');
    await ladder.sources.click();
    await expect(ladder.root.getByTestId('ladder-sources')).toContainText('Bybit');
  });

  await test.step('the panel shows both, by symbol and by venue, and is walked through by keyboard', async () => {
    await page.keyboard.press('Alt+7');
    await expect(venues.row(ETH, 'bybit')).toHaveAttribute('data-book', 'live');
    await expect(venues.summary).toHaveText('3 of 3 books live');
    await venues.groupBy('venue');
    await expect(venues.group('bybit')).toContainText('1/1');
    await venues.group('binance').focus();
    await page.keyboard.press('ArrowLeft');
    await expect(venues.rows).toHaveCount(1);
    await page.keyboard.press('ArrowRight');
    await expect(venues.rows).toHaveCount(3);
    await page.keyboard.press('ArrowDown');
    await expect(venues.row(BTC, 'binance')).toBeFocused();
    await venues.groupBy('symbol');
  });

  await test.step('what the desk would refuse is said in place', async () => {
    await symbols.openByKeyboard();
    await symbols.add('bybit', BTC);
    const row = symbols.source(`bybit:${BTC}`);
    await row.getByTestId('source-up').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Alt+ArrowUp');
    await expect(row.getByTestId('source-down'), 'the focus stays in the row that moved').toBeFocused();
    await expect(symbols.problem).toContainText(`The first source must be ${ETH}`);
    await expect(symbols.apply).toBeDisabled();
    await symbols.root.getByTestId('source-revert').click();
    await expect(symbols.problem).toBeHidden();
    await symbols.close();
  });

  await test.step('a symbol is let go while it is shown, and the window moves on', async () => {
    await symbols.openByKeyboard();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(symbols.root).toBeHidden();
    await expect(chart.legend).toContainText(BTC);
    await symbols.openByMouse();
    await symbols.unfollow.click();
    await expect(symbols.option(BTC)).toBeHidden();
    await symbols.close();
    await expect(chart.legend).toContainText(ETH);
    await expect(page.getByTestId('toast-info')).toContainText(`${BTC} is not followed any more`);
    await expect(page.getByTestId('symbol-picker')).not.toContainText(BTC);
  });

  await test.step('it is found by search and followed again with the keyboard alone', async () => {
    await symbols.openByKeyboard();
    await page.keyboard.type('btc/usdt');
    await expect(symbols.option(BTC)).toHaveAttribute('aria-selected', 'true');
    await expect(symbols.root.getByTestId('symbols-searching')).toBeHidden();
    await page.keyboard.press('Enter');
    await symbols.live(`binance:${BTC}`);
    await page.keyboard.press('Enter');
    await expect(symbols.root).toBeHidden();
    await expect(chart.legend).toContainText(BTC);
    await expect(topBar.price).toContainText('bps');
  });

  await test.step('the venue is taken out again', async () => {
    await symbols.openByKeyboard();
    await symbols.option(ETH).click();
    await symbols.source(`bybit:${ETH}`).getByTestId('source-remove').click();
    await symbols.apply.click();
    await expect(venues.row(ETH, 'bybit')).toHaveCount(0);
    await symbols.root.getByTestId('source-show').click();
    await expect(ladder.sources).toHaveText('Binance');
  });

  await test.step('an expiry of options is followed, side by side around the money', async () => {
    await page.keyboard.press('Alt+0');
    await options.underlying('BTC').click();
    await options.follow(1);
    await expect(options.live).toHaveText(/^([1-9]\d*) of \1 live$/);
    await expect(options.atTheMoney).toHaveCount(1);
    await expect(options.atTheMoney.locator('td[data-state="live"]')).toHaveCount(2);
    await options.rows.first().focus();
    await page.keyboard.press('m');
    await expect(options.atTheMoney).toBeFocused();
    await page.screenshot({ path: test.info().outputPath('options.png') });
  });

  await test.step('what is followed is kept over a restart', async () => {
    expect(desk.complaints).toEqual([]);
    expect(await desk.quit()).toBe(0);
    desk = await (await openDesk(folder)).ready();
    await expect(desk.page.getByTestId('symbol-picker')).toContainText(BTC);
    await expect(desk.ladder.sources).toHaveText('Binance');
    await desk.page.keyboard.press('Alt+0');
    await expect(desk.options.live, 'the options, too').toHaveText(/^([1-9]\d*) of \1 live$/);
    expect(desk.complaints).toEqual([]);
  });
});
