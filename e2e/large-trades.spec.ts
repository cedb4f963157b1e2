import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './fixtures/runtime.ts';
import { expect, test } from './fixtures/test.ts';

const PICTURES = join(ROOT, 'artefacts', 'screenshots');

test('large trades are listed beside the order flow and drawn on heatmap and chart', async ({ folder, openDesk }) => {
  mkdirSync(PICTURES, { recursive: true });
  // 500 trades say which are large: sooner in a faster market.
  folder.configure({ practice: { speed: 20 } });
  const desk = await openDesk(folder, { size: { width: 1280, height: 800 } });
  const { page } = desk;
  await expect(page.getByTestId('ladder-mid')).toBeVisible();

  await test.step('the list: with the threshold, by key, switched off and on', async () => {
    await page.keyboard.press('Alt+F');
    const list = page.getByTestId('large-trades');
    await expect(list).toContainText('known after 500');
    await expect(list.getByRole('listitem').nth(7)).toBeVisible({ timeout: 120_000 });
    await expect(list.locator('header')).toContainText(/from \$\d/);
    await expect(list.getByRole('listitem').first()).toContainText(/[▲▼] [\d,.]+\$[\d.]+[kM]?/);
    await page.screenshot({ path: join(PICTURES, '1280x800-large-trades.png') });
    await page.getByTestId('flow-large').click();
    await expect(list).toHaveCount(0);
    await page.reload();
    await expect(page.getByTestId('flow-large')).toHaveAttribute('aria-pressed', 'false');
    await page.getByTestId('flow-large').click();
    // What came before the reload is still known.
    await expect(list.getByRole('listitem').nth(7)).toBeVisible();
  });

  await test.step('a click brings one into view on the chart, where they are drawn when asked for', async () => {
    await page.getByTestId('layers').click();
    const layer = page.getByTestId('layer-large-trades');
    await layer.click();
    await expect(layer).toHaveAttribute('aria-pressed', 'true');
    await page.keyboard.press('Escape');
    await page.getByTestId('large-trades').getByRole('button').first().click();
    await page.screenshot({ path: join(PICTURES, '1280x800-large-trades-chart.png') });
  });

  await test.step('the heatmap tells the one under the pointer', async () => {
    await page.keyboard.press('Alt+H');
    const canvas = page.getByTestId('heatmap-canvas');
    await expect(canvas).toBeVisible();
    await page.screenshot({ path: join(PICTURES, '1280x800-large-trades-heatmap.png') });
    await expect(page.getByTestId('heatmap-large')).toHaveAttribute('aria-pressed', 'true');
    // Rings lie along the mid, near the newest seconds; the pointer looks for one.
    await expect
      .poll(
        async () => {
          const box = await canvas.boundingBox();
          if (box === null) return '';
          for (let y = 0.2; y < 0.8; y += 0.02) {
            await page.mouse.move(box.x + box.width - 75, box.y + y * box.height);
            const text = (await page.getByTestId('heatmap-tip').textContent()) ?? '';
            if (/bought|sold/.test(text)) return text;
          }
          return '';
        },
        { timeout: 60_000 },
      )
      .toMatch(/(bought|sold) \$[\d.]+[kM]? at \d+/);
  });
  expect(desk.complaints).toEqual([]);
});
