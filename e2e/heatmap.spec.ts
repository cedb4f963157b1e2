import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { ROOT } from './fixtures/runtime.ts';
import { expect, test } from './fixtures/test.ts';

const PICTURES = join(ROOT, 'artefacts', 'screenshots');

test('the heatmap draws the merged book second by second and keeps its settings', async ({ folder, openDesk }) => {
  mkdirSync(PICTURES, { recursive: true });
  const desk = await openDesk(folder, { size: { width: 1280, height: 800 } });
  const { page } = desk;
  await expect(page.getByTestId('ladder-mid')).toBeVisible();
  await page.keyboard.press('Alt+H');
  const canvas = page.getByTestId('heatmap-canvas');
  await expect(canvas).toBeVisible();
  await expect(page.getByTestId('heatmap-scale')).toContainText('$');

  await test.step('tells the value under the pointer', async () => {
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('the heatmap has no place');
    // Just left of the price axis: the newest second.
    await page.mouse.move(box.x + box.width - 62, box.y + box.height / 2);
    await expect(page.getByTestId('heatmap-tip')).toContainText(/\$|unknown/);
    await page.mouse.move(box.x + 30, box.y + box.height / 2);
    await expect(page.getByTestId('heatmap-tip')).toContainText('unknown');
    await page.mouse.move(0, 0);
  });

  await test.step('leaves a venue out, shows another metric, and remembers both', async () => {
    const bybit = page.getByTestId('heatmap-venue-bybit');
    await bybit.click();
    await expect(bybit).toHaveAttribute('aria-pressed', 'false');
    await page.getByTestId('heatmap-metric').selectOption('imbalance');
    await expect(page.getByTestId('heatmap-scale')).toContainText('+1');
    await page.reload();
    await expect(page.getByTestId('heatmap-metric')).toHaveValue('imbalance');
    await expect(bybit).toHaveAttribute('aria-pressed', 'false');
    await bybit.click();
    await page.getByTestId('heatmap-metric').selectOption('totalVolume');
  });

  await test.step('lies behind the candles too, at their prices and times, and stays there', async () => {
    const { chart } = desk;
    await chart.selectTimeframe('1s');
    await page.keyboard.press('h');
    const legend = page.getByTestId('chart-heat');
    await expect(legend).toContainText('$');
    await expect(async () => {
      const drawn = await chart.picture();
      await page.keyboard.press('h');
      await expect(legend).toBeHidden();
      const without = await chart.picture();
      const moved = await chart.differences(without, await chart.picture());
      await page.keyboard.press('h');
      await expect(legend).toContainText('$');
      expect(await chart.differences(drawn, without), 'cells are behind the candles').toBeGreaterThan(moved + 1_000);
    }).toPass({ timeout: 30_000 });
    await chart.openLayers();
    await page.getByTestId('layer-trades').click();
    await page.getByTestId('layer-metric').selectOption('imbalance');
    await expect(legend).toContainText('+1');
    await chart.closeLayers();
    // The newest seconds are left of the margin for forecasts; far to the left nothing was recorded.
    await expect(async () => {
      for (const share of [0.8, 0.76, 0.72]) {
        await chart.hover(await chart.at(share, 0.5));
        if (await page.getByTestId('chart-heat-reading').isVisible()) return;
      }
      throw new Error('no cell is told under the crosshair');
    }).toPass({ timeout: 20_000 });
    await page.reload();
    await chart.ready();
    await expect(legend).toContainText('+1');
    await chart.openLayers();
    await expect(page.getByTestId('layer-trades')).toHaveAttribute('aria-pressed', 'false');
    await chart.closeLayers();
  });

  expect(desk.complaints).toEqual([]);
});
