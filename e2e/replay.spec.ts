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
    const first = await desk.topBar.price.innerText();
    await expect.poll(() => desk.topBar.price.innerText(), { timeout: 60_000 }).not.toBe(first);
    await expect
      .poll(
        async () => {
          await replay.showDialog();
          const text = await replay.dialog.innerText();
          await page.keyboard.press('Escape');
          return /\b(\d+ min|[3-9]\d s)/.test(text);
        },
        { timeout: 90_000, intervals: [2_000], message: 'half a minute of market time is recorded' },
      )
      .toBe(true);
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
    await expect.poll(() => replay.now(), { timeout: 30_000 }).toBeGreaterThan(before);
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

  await test.step('seeking goes there with a live book, and plays to the end at full speed', async () => {
    const before = await replay.now();
    await replay.seek(0.6);
    await expect.poll(() => replay.now(), { timeout: 60_000 }).toBeGreaterThan(before + 10_000);
    await expect(page.getByTestId('busy')).toBeHidden();
    await replay.is('paused');
    await desk.statusBar.live();
    const there = await replay.now();
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
