import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from './fixtures/data-folder.ts';
import type { Desk, WindowSize } from './fixtures/desk.ts';
import { misfits } from './fixtures/overflow.ts';
import { ROOT } from './fixtures/runtime.ts';
import { annotate, train } from './fixtures/seed.ts';
import { expect, test } from './fixtures/test.ts';

const PICTURES = join(ROOT, 'artefacts', 'screenshots');
const SIZES: readonly WindowSize[] = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
  { width: 2560, height: 1440 },
];
const PANELS = ['chart', 'ladder', 'orders', 'annotations', 'training'] as const;

const README_PICTURE = join(ROOT, 'docs', 'screenshot.png');
const README_SIZE: WindowSize = { width: 1600, height: 1000 };
const README_BYTES_MAX = 400 * 1024;

test('every panel fits its window at three sizes, with a desk full of work', async ({ folder, openDesk }) => {
  mkdirSync(PICTURES, { recursive: true });
  const display = await test.step('annotations, a model, predictions and orders', async () => fillDesk(folder, openDesk));

  for (const size of SIZES) {
    const name = `${size.width}x${size.height}`;
    if (size.width > display.width || size.height > display.height) {
      test
        .info()
        .annotations.push({ type: 'left out', description: `${name}: the display is ${display.width}x${display.height}` });
      continue;
    }
    await test.step(name, async () => {
      const desk = await openAt(size, folder, openDesk);
      const problems = await picture(desk, `${name}-dark`);
      if (size.width === 1920) {
        await desk.topBar.theme.click();
        await expect(desk.page.locator('html')).toHaveAttribute('data-theme', 'light');
        problems.push(...(await picture(desk, `${name}-light`)));
        await desk.topBar.theme.click();
        await expect(desk.page.locator('html')).toHaveAttribute('data-theme', 'dark');
        await expect.poll(() => folder.savedWindow()).toContain('"theme": "dark"');
      }
      await desk.quit();
      expect.soft(problems, `everything fits at ${name}`).toEqual([]);
    });
  }

  if (process.env['COBALT_UPDATE_README_SCREENSHOT'] === '1') {
    await test.step('the picture in the README', async () => {
      const desk = await openAt(README_SIZE, folder, openDesk);
      await desk.page.screenshot({ path: README_PICTURE });
      expect(statSync(README_PICTURE).size).toBeLessThanOrEqual(README_BYTES_MAX);
    });
  }
});

type OpenDesk = (
  folder: DataFolder,
  options?: { readonly size?: WindowSize; readonly env?: Record<string, string> },
) => Promise<Desk>;

/** Answers with the size of the display. */
async function fillDesk(folder: DataFolder, openDesk: OpenDesk): Promise<WindowSize> {
  const desk = await (await openDesk(folder)).ready();
  const { orders, ladder, page, topBar, training } = desk;
  const wire = await desk.wire();
  await annotate(wire, 6);
  await train(wire, 20);
  await topBar.setSpeed(60);
  await expect
    .poll(() => training.outcomes(5), { message: 'outcomes five minutes ahead', timeout: 60_000 })
    .toBeGreaterThanOrEqual(4);
  await topBar.setSpeed(1);
  for (const [keys, quantity] of [
    ['Shift+B', '10'],
    ['Shift+S', '2.5'],
  ] as const) {
    await page.keyboard.press(keys);
    await orders.type('market').click();
    await orders.quantity.fill(quantity);
    await page.keyboard.press('Enter');
    await expect(orders.accepted).toBeVisible();
  }
  for (const [keys, bucket] of [
    ['Shift+B', -3],
    ['Shift+S', 4],
  ] as const) {
    await page.keyboard.press(keys);
    await ladder.row(bucket).click();
    await orders.quantity.fill('5');
    await page.keyboard.press('Enter');
    await expect(orders.accepted).toBeVisible();
  }
  await orders.show('all');
  await expect(orders.inState('accepted')).toHaveCount(2);
  const { width, height } = await desk.app.evaluate(({ screen }) => screen.getPrimaryDisplay().workAreaSize);
  expect(await desk.quit()).toBe(0);
  return { width, height };
}

/** The default layout at this size, with the model that predicts at work. */
async function openAt(size: WindowSize, folder: DataFolder, openDesk: OpenDesk): Promise<Desk> {
  const desk = await (await openDesk(folder, { size })).ready();
  const { page, topBar, training, orders } = desk;
  expect(await page.evaluate(() => ({ width: innerWidth, height: innerHeight }))).toEqual(size);
  await topBar.run('Reset layout');
  await desk.chart.ready();
  await orders.show('all');
  await expect(orders.rows).toHaveCount(4);
  await expect(training.root.getByText('in use')).toBeAttached();
  await expect.poll(() => training.outcomes(5)).toBeGreaterThan(0);
  await train(await desk.wire(), 20);
  await expect(training.curve('loss')).toBeVisible();
  return desk;
}

/** Photographs the window and each panel. Answers with what does not fit. */
async function picture({ page, orders, options }: Desk, name: string): Promise<string[]> {
  await page.mouse.move(0, 0);
  const problems = await misfits(page);
  await page.screenshot({ path: join(PICTURES, `${name}-window.png`) });
  for (const panel of PANELS)
    await page.getByTestId(`panel-${panel}`).screenshot({ path: join(PICTURES, `${name}-${panel}.png`) });
  await page.getByTestId('checkpoints').scrollIntoViewIfNeeded();
  await page.getByTestId('panel-training').screenshot({ path: join(PICTURES, `${name}-checkpoints.png`) });
  await orders.show('positions');
  problems.push(...(await misfits(page)));
  await page.getByTestId('panel-orders').screenshot({ path: join(PICTURES, `${name}-positions.png`) });
  await orders.show('all');
  await page.keyboard.press('Alt+6');
  const system = page.getByTestId('panel-system');
  await expect(system).toBeVisible();
  problems.push(...(await misfits(page)));
  await system.screenshot({ path: join(PICTURES, `${name}-system.png`) });
  await page.getByTestId('storage').scrollIntoViewIfNeeded();
  await system.screenshot({ path: join(PICTURES, `${name}-storage.png`) });
  for (const [keys, panel] of [
    ['Alt+M', 'structure'],
    ['Alt+7', 'venues'],
    ['Alt+8', 'history'],
    ['Alt+9', 'quality'],
    ['Alt+0', 'options'],
  ] as const) {
    await page.keyboard.press(keys);
    const root = page.getByTestId(`panel-${panel}`);
    await expect(root).toBeVisible();
    if (panel === 'options' && (await options.rows.count()) === 0) {
      await options.follow(1);
      await expect(options.atTheMoney).toHaveCount(1);
    }
    problems.push(...(await misfits(page)));
    await root.screenshot({ path: join(PICTURES, `${name}-${panel}.png`) });
  }
  await page.keyboard.press('/');
  await expect(page.getByTestId('symbols-search')).toBeFocused();
  await expect(page.getByTestId('source-add')).toBeVisible();
  problems.push(...(await misfits(page)));
  await page.screenshot({ path: join(PICTURES, `${name}-symbols.png`) });
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('symbols')).toBeHidden();
  await page.keyboard.press('Alt+3');
  await page.keyboard.press('Control+K');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.screenshot({ path: join(PICTURES, `${name}-palette.png`) });
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('palette-input')).toBeHidden();
  return [...new Set(problems)];
}
