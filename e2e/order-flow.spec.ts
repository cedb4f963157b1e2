import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './fixtures/runtime.ts';
import { expect, test } from './fixtures/test.ts';

const PICTURES = join(ROOT, 'artefacts', 'screenshots');

test('the order flow is drawn bar by bar, with history and as it comes', async ({ folder, openDesk }) => {
  mkdirSync(PICTURES, { recursive: true });
  const desk = await openDesk(folder, { size: { width: 1280, height: 800 } });
  const { page } = desk;
  await expect(page.getByTestId('ladder-mid')).toBeVisible();

  await test.step('the panel: live, by timeframe, under the pointer and by keys', async () => {
    await page.keyboard.press('Alt+F');
    const canvas = page.getByTestId('flow-canvas');
    await expect(canvas).toHaveAttribute('data-feed', 'ready');
    await page.getByTestId('flow-timeframe-1s').click();
    const reading = page.getByTestId('flow-reading');
    // The order flow imbalance of a second is known when it is over: of the market as it goes on, not of stored candles.
    await expect
      .poll(async () => {
        const box = await canvas.boundingBox();
        if (box === null) return '';
        // The newest bar but a few: 62 pixels of axis, three bars of margin.
        await page.mouse.move(box.x + box.width - 62 - 6 * 6, box.y + box.height / 2);
        return (await reading.textContent()) ?? '';
      })
      .toMatch(/buys.*sells.*delta.*CVD.*OFI [+−\d]/);
    await page.mouse.move(0, 0);
    await canvas.focus();
    const newest = await reading.textContent();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('-');
    await page.keyboard.press('End');
    await expect(reading).not.toHaveText(newest ?? '');
    await page.getByTestId('flow-timeframe-1m').click();
    await page.getByTestId('flow-start').selectOption('view');
    await page.reload();
    await expect(page.getByTestId('flow-start')).toHaveValue('view');
  });
  await page.screenshot({ path: join(PICTURES, '1280x800-order-flow.png') });

  await test.step('footprint and volume profile on the chart: bounded by what is recorded, live, kept', async () => {
    await desk.chart.openLayers();
    await page.getByTestId('footprint-toggle').click();
    await page.getByTestId('profile-choice').selectOption('visible');
    await desk.chart.closeLayers();
    const legend = page.getByTestId('footprint-legend');
    // The candles of before the desk was opened were told by the venue: no trade of them is known.
    await expect(page.getByTestId('footprint-missing')).toContainText(/no trades recorded before \d\d-\d\d \d\d:\d\d:\d\d/);
    await expect(page.getByTestId('profile-legend')).toContainText(/POC .* value area .* % of the volume is recorded/);
    await page.getByTestId('footprint-zoom').click();
    await expect(page.getByTestId('footprint-zoom')).toBeHidden();
    await expect(legend).toContainText(/rows of \d/);
    await page.keyboard.press('p');
    await expect(page.getByTestId('profile-legend')).toContainText('since 00:00 UTC');
    await page.screenshot({ path: join(PICTURES, '1280x800-footprint.png') });
    await page.reload();
    await expect(legend).toBeVisible();
    await page.keyboard.press('f');
    await expect(legend).toBeHidden();
  });

  await test.step('the order book adds up its rows', async () => {
    const deepest = page.getByTestId('ladder-row--20').locator('[data-cell="bid-quantity"]');
    const next = page.getByTestId('ladder-row--19').locator('[data-cell="bid-quantity"]');
    const sums = page.getByTestId('ladder-sums');
    await sums.click();
    await expect(sums).toHaveAttribute('aria-pressed', 'true');
    // What is told of a row holds all rows nearer to the mid, so it cannot be less than that of the row above.
    await expect
      .poll(
        async () =>
          volumeOf(await deepest.textContent()) >= volumeOf(await next.textContent()) && volumeOf(await next.textContent()) > 0,
      )
      .toBe(true);
    await sums.click();
    await expect(sums).toHaveAttribute('aria-pressed', 'false');
  });
  expect(desk.complaints).toEqual([]);
});

/** `1.23k` → 1230. */
function volumeOf(text: string | null): number {
  const value = Number.parseFloat(text ?? '');
  return value * (text?.endsWith('k') ? 1e3 : text?.endsWith('M') ? 1e6 : 1);
}
