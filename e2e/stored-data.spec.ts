import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Desk } from './fixtures/desk.ts';
import { expect, test } from './fixtures/test.ts';
import { HistoryPanel } from './panels/history.ts';

const MINUTE_MS = 60_000;
/** Long before the practice market's recording begins, so that nothing of it is stored. */
const IMPORTED_FROM = Date.UTC(2019, 0, 1);

test('history is downloaded and imported, its quality is shown, and recordings move to an archive and back', async ({
  folder,
  openDesk,
}) => {
  folder.configure({ recording: { segmentMinutes: 0.1 } });
  const desk = await (await openDesk(folder)).ready();
  const { page, chart } = desk;
  const history = new HistoryPanel(page);

  await test.step('a week of candles is downloaded', async () => {
    await page.keyboard.press('Alt+8');
    await history.part('download-last-7').click();
    await history.part('download-start').click();
    await expect(history.downloads).toHaveCount(1);
    await expect(history.downloads).toHaveAttribute('data-state', 'done', { timeout: 90_000 });
    await history.part('download-from').fill('2020-05-01');
    await history.part('download-start').click();
    await expect(history.part('download-problem')).toContainText('has not come yet');
    await history.part('download-end').click();
    await expect(history.downloads).toHaveCount(0);
  });

  await test.step('a file with a bad row is looked at, checked and imported without that row', async () => {
    await choose(desk, candleFile(folder.path, 50, 20));
    await history.show('import');
    await history.part('import-pick').click();
    await expect(history.part('import-preview').getByRole('row')).toHaveCount(21);
    await history.part('import-check').click();
    await expect(history.part('import-checked')).toContainText('49 good, 1 bad');
    const error = history.part('row-errors').getByRole('row').nth(1);
    await expect(error).toContainText('20');
    await expect(error).toContainText('broken');
    await expect(history.part('import-start')).toBeDisabled();
    await history.part('import-skip').check();
    await history.part('import-start').click();
    await expect(history.imports).toHaveAttribute('data-state', 'done');
    await expect(history.imports).toContainText('49 stored');
    const wire = await desk.wire();
    const stored = await wire.command('getCandles', {
      symbol: 'ETH/USDT',
      timeframe: '1m',
      before: IMPORTED_FROM + 50 * MINUTE_MS,
      limit: 50,
    });
    expect(stored.candles.filter(({ openTime }) => openTime >= IMPORTED_FROM)).toHaveLength(49);
  });

  await test.step('the timeline is walked through by keyboard and leads to the chart', async () => {
    await page.keyboard.press('Alt+9');
    const plot = page.getByTestId('quality-plot');
    await expect(plot.locator('rect').first()).toBeAttached();
    await plot.focus();
    await page.keyboard.press('ArrowLeft');
    await expect(page.getByTestId('quality-readout')).toContainText('Candles: ');
    // The practice market begins with fewer than 100 days.
    await expect(page.getByTestId('input-verdict')).toContainText('candles.1d: expected 300 × 24, got ');
    await expect(page.getByTestId('input-rebuilt')).toContainText('the same to the last bit', { timeout: 45_000 });
    await plot.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await expect(chart.root).toBeVisible();
    await page.getByTestId('quality-repair').click();
    await expect(page.getByTestId('quality-series')).toContainText('1m');
  });

  await test.step('recordings are moved to a folder and brought back', async () => {
    const archive = join(folder.path, 'archive');
    mkdirSync(archive);
    await choose(desk, archive);
    await page.keyboard.press('Alt+6');
    const storage = page.getByTestId('storage');
    const day = storage.getByTestId(/^recorded-/).first();
    await expect(async () => {
      await storage.getByTestId('storage-measure').click();
      await expect(day).toBeVisible({ timeout: 500 });
      if ((await day.getAttribute('aria-expanded')) === 'false') await day.click();
      await expect(storage.getByTestId('segments')).toContainText('whole', { timeout: 500 });
    }).toPass();
    await storage.getByTestId('archive-start').click();
    const job = storage.getByTestId('recording-job');
    await expect(job).toHaveAttribute('data-state', 'done');
    await expect(job).toContainText(archive);
    expect(parquetIn(archive).length).toBeGreaterThan(0);
    await storage.getByTestId('restore-start').click();
    await expect(job).toContainText('Restored from');
    expect(parquetIn(archive)).toEqual([]);
  });
  expect(desk.complaints).toEqual([]);
});

function parquetIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'));
}

/** What the user chooses in the host's next dialogs. */
async function choose(desk: Desk, path: string): Promise<void> {
  await desk.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
  }, path);
}

/** `rows` minutes of candles, of which row `bad` has no number where its high should be. */
function candleFile(folder: string, rows: number, bad: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const open = 100 + (i % 7);
    return [IMPORTED_FROM + i * MINUTE_MS, open, i + 1 === bad ? 'broken' : open + 2, open - 2, open + 1, 12.5].join(',');
  });
  const path = join(folder, 'eth-1m.csv');
  writeFileSync(path, ['time,open,high,low,close,volume', ...lines, ''].join('\n'));
  return path;
}
