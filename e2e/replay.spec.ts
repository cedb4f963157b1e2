import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './fixtures/runtime.ts';
import { expect, test } from './fixtures/test.ts';
import { ReplayPanel } from './panels/replay.ts';

const PICTURES = join(ROOT, 'artefacts', 'screenshots');

test('what the desk recorded plays again: play, pause, step, seek, and back to the market', async ({ folder, openDesk }) => {
  mkdirSync(PICTURES, { recursive: true });
  folder.configure({ practice: { speed: 10 } });
  const desk = await (await openDesk(folder)).ready();
  const { page } = desk;
  const replay = new ReplayPanel(page);

  await test.step('a bit of the practice market is recorded', async () => {
    // Asked for as the dialog asks, without opening it over and over.
    const wire = await desk.wire();
    const recordedMs = async (): Promise<number> => {
      const [recording] = (await wire.command('listReplays', {})).recordings;
      return recording === undefined ? 0 : recording.to - recording.from;
    };
    await expect.poll(recordedMs, { timeout: 120_000, message: 'a minute of market time is recorded' }).toBeGreaterThan(60_000);
  });

  await test.step('the window says REPLAY and plays', async () => {
    await replay.showDialog();
    await page.screenshot({ path: join(PICTURES, 'replay-open.png') });
    await replay.start();
    await expect(desk.topBar.mode).toHaveText('REPLAY');
    await expect(page.getByTestId('account-badge')).toHaveText('PAPER');
    await replay.is('playing');
    await desk.statusBar.live();
    const before = await replay.now();
    await expect.poll(() => replay.now(), { timeout: 60_000 }).toBeGreaterThan(before);
    await desk.chart.ready();
  });

  await test.step('Space pauses, and steps move it by what they say', async () => {
    await page.getByTestId('chart-panel').or(page.locator('main')).first().focus();
    await page.locator('body').press(' ');
    await replay.is('paused');
    const paused = await replay.now();
    await replay.step('1s');
    await expect.poll(() => replay.now()).toBe(paused + 1_000);
    await page.locator('body').press('ArrowRight');
    await expect.poll(() => replay.now()).toBe(paused + 2_000);
    await page.screenshot({ path: join(PICTURES, 'replay.png') });
  });

  await test.step('seeking while paused shows the book of that time at once, and plays to the end at full speed', async () => {
    await replay.seek(0.6);
    // The services start anew there: whatever is shown from then on is of the new time.
    const there = await replay.shareShown((share) => share > 0.5 && share < 0.7);
    await expect(page.getByTestId('busy')).toBeHidden({ timeout: 60_000 });
    await replay.is('paused');
    await desk.statusBar.live();
    await expect(page.getByTestId('ladder-spread')).toBeVisible();
    await page.screenshot({ path: join(PICTURES, 'replay-seek.png') });
    await replay.setSpeed(1_000);
    await replay.play.click();
    await replay.is('ended');
    expect(await replay.now()).toBeGreaterThan(there);
  });

  await test.step('switching back leaves the replay', async () => {
    await desk.topBar.run('Switch to the practice market');
    await page.getByTestId('confirm-accept').click();
    await expect(desk.topBar.mode).toHaveText('SIM', { timeout: 60_000 });
    await expect(replay.bar).toBeHidden();
    await desk.statusBar.live();
  });

  expect(desk.complaints).toEqual([]);
  expect(await desk.quit()).toBe(0);
});
