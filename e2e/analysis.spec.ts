import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './fixtures/runtime.ts';
import { misfits } from './fixtures/overflow.ts';
import { expect, test } from './fixtures/test.ts';

const PICTURES = join(ROOT, 'artefacts', 'screenshots');

test('analysis modules are loaded and given up in their panel, and stay so after a restart', async ({ folder, openDesk }) => {
  mkdirSync(PICTURES, { recursive: true });
  const size = { width: 1280, height: 800 };
  const desk = await (await openDesk(folder, { size })).ready();
  const { page } = desk;
  await page.keyboard.press('Alt+A');
  const panel = page.getByTestId('analysis');
  await expect(panel).toContainText('No analysis module is loaded');
  expect(await misfits(page)).toEqual([]);

  await test.step('loaded modules tell what they know', async () => {
    for (const id of ['regime', 'timeframes', 'pivots', 'extrema', 'microstructure', 'correlation', 'cob']) {
      await page.getByTestId(`analysis-switch-${id}`).click();
      await expect(page.getByTestId(`analysis-${id}`)).toHaveAttribute('data-state', 'running');
    }
    await expect(page.getByTestId('feature-regime-trend')).toHaveText(/up|down|sideways/);
    await expect(page.getByTestId('feature-extrema-placeHour')).toHaveText(/\d+ %/);
    await expect(page.getByTestId('feature-cob-spread')).toHaveText(/\d bps/);
    await expect(page.getByTestId('feature-timeframes-1m')).toHaveText(/up|down|level/);
    await expect(page.getByTestId('feature-pivots-level1')).toHaveText(/up|down|sideways/);
    await expect(page.getByTestId('feature-microstructure-spreadBps')).toHaveText(/\d bps/);
    await expect(page.getByTestId('feature-correlation-correlation60')).toHaveText(/\d/);
    expect(await misfits(page)).toEqual([]);
    await page.screenshot({ path: join(PICTURES, 'analysis.png') });
  });

  await test.step('one that is given up leaves the panel', async () => {
    await page.getByTestId('analysis-switch-cob').click();
    await expect(page.getByTestId('analysis-cob')).toHaveCount(0);
    await expect(page.getByTestId('analysis-switch-cob')).toHaveAttribute('aria-pressed', 'false');
  });
  expect(desk.complaints).toEqual([]);
  expect(await desk.quit()).toBe(0);

  const again = await (await openDesk(folder, { size, env: { COBALT_MODULES: 'cob' } })).ready();
  await again.page.keyboard.press('Alt+A');
  await expect(again.page.getByTestId('analysis-regime')).toHaveAttribute('data-state', 'running');
  await expect(again.page.getByTestId('analysis-cob')).toHaveCount(0);
});
