import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deskEnvironment, electronExecutable, HAS_SANDBOX, ROOT } from './fixtures/runtime.ts';
import { annotate, train } from './fixtures/seed.ts';
import { expect, test } from './fixtures/test.ts';

const MINUTE_MS = 60_000;

test('a wrong configuration is explained, and the desk starts once it is mended', async ({ folder, openDesk }) => {
  folder.writeConfig('# mine\npractice:\n  speed: fast\n  sped: 10\n');
  const { page, chart } = await openDesk(folder);
  const problems = page.getByTestId('config-problem');
  const recheck = page.getByRole('button', { name: 'Check again' });

  await test.step('a wrong type and an unknown key', async () => {
    await expect(problems).toHaveCount(2);
    const wrongType = problems.filter({ hasText: 'practice.speed' });
    await expect(wrongType).toContainText(`${folder.configPath}:3`);
    await expect(wrongType).toContainText('a number');
    await expect(wrongType).toContainText('"fast"');
    const unknownKey = problems.filter({ hasText: 'practice.sped' }).filter({ hasText: 'unknown key "sped"' });
    await expect(unknownKey).toContainText(`${folder.configPath}:4`);
    await expect(unknownKey).toContainText('one of the known keys: seed, speed');
  });

  await test.step('a file that is not YAML', async () => {
    folder.writeConfig('practice:\n  speed: [1, 2\n');
    await recheck.click();
    await expect(problems.filter({ hasText: '(syntax)' }).first()).toContainText(folder.configPath);
    await expect(page.getByTestId('workspace')).toBeHidden();
  });

  await test.step('mended', async () => {
    folder.writeConfig('practice:\n  speed: 10\n');
    await recheck.click();
    await chart.ready();
    await expect(page.getByTestId('speed-10')).toHaveAttribute('aria-pressed', 'true');
  });
});

test('damaged checkpoints are told of and predict nothing', async ({ folder, openDesk }) => {
  const [flipped, foreign] = await test.step('two models are trained', async () => {
    const desk = await (await openDesk(folder)).ready();
    const wire = await desk.wire();
    await annotate(wire, 3);
    const ids = [await train(wire, 2), await train(wire, 3)] as const;
    expect(await desk.quit()).toBe(0);
    return ids;
  });

  const checkpoints = join(folder.path, 'sim', 'checkpoints');
  const model = join(checkpoints, flipped, 'model.onnx');
  const bytes = readFileSync(model);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0x01;
  writeFileSync(model, bytes);
  const manifest = join(checkpoints, foreign, 'manifest.json');
  const told = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
  writeFileSync(manifest, JSON.stringify({ ...told, inputSchemaHash: 'another-layout' }));

  const desk = await (await openDesk(folder, { env: { COBALT_PRACTICE_SPEED: '60' } })).ready();
  const { page, statusBar, training } = desk;
  await test.step('both are named in notices', async () => {
    await expect(statusBar.notices).toBeVisible({ timeout: 30_000 });
    await statusBar.notices.click();
    await expect(statusBar.noticeList).toContainText(`${model} is damaged`);
    await expect(statusBar.noticeList).toContainText('was trained on another input layout');
    await page.keyboard.press('Escape');
  });

  await test.step('neither predicts, however many minutes close', async () => {
    const from = await statusBar.marketTime();
    await statusBar.advances(4 * MINUTE_MS);
    const wire = await desk.wire();
    const { predictions } = await wire.command('getPredictions', { symbol: 'ETH/USDT', from, to: from + 60 * MINUTE_MS });
    expect(predictions).toEqual([]);
    await expect(training.checkpoints).toHaveCount(2);
    await expect(training.root.getByText('in use')).toHaveCount(0);
  });

  await test.step('promoting one by hand is refused with the reason', async () => {
    await page.locator(`[data-checkpoint-id="${flipped}"]`).getByTestId('checkpoint-promote').click();
    await expect(page.getByTestId('toast-error')).toContainText('is damaged');
  });

  await test.step('a new model predicts at once', async () => {
    const fresh = await train(await desk.wire(), 2);
    await expect(page.locator(`[data-checkpoint-id="${fresh}"]`)).toContainText('in use');
    await expect.poll(() => training.outcomes(1), { timeout: 30_000 }).toBeGreaterThan(0);
  });
});

test('a second start on the same data folder brings the first to the front and ends', async ({ folder, openDesk }) => {
  const first = await (await openDesk(folder)).ready();
  await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  const second = spawn(electronExecutable(), [ROOT, ...(HAS_SANDBOX ? [] : ['--no-sandbox'])], {
    env: deskEnvironment(folder.path),
  });
  let said = '';
  second.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => second.once('close', resolve));
  expect(code).toBe(0);
  expect(said).toContain(`already running on ${folder.path}`);
  await expect
    .poll(() => first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible())))
    .toEqual([true]);
  await first.statusBar.advances(1_000);
});

test('the page is locked in, and what it says is checked', async ({ folder, openDesk }) => {
  const desk = await (await openDesk(folder)).ready();
  const { app, page, statusBar } = desk;

  await test.step('bad commands are answered with what is wrong', async () => {
    const wire = await desk.wire();
    const codeOf = async (name: string, input: unknown): Promise<string> => {
      const answer = await wire.attempt(name, input);
      return answer.ok ? 'ok' : answer.error.code;
    };
    for (const name of ['launchMissiles', '', 'constructor', '__proto__', 'toString']) {
      expect(await codeOf(name, {}), name).toBe('UNKNOWN_COMMAND');
    }
    const badInputs: readonly [string, unknown][] = [
      ['getCandles', undefined],
      ['getCandles', null],
      ['getCandles', { symbol: 42, timeframe: '1m', limit: 10 }],
      ['getCandles', { symbol: 'ETH/USDT', timeframe: '7m', limit: 10 }],
      ['getCandles', { symbol: 'ETH/USDT', timeframe: '1m', limit: 1e9 }],
      ['getCandles', { symbol: 'ETH/USDT', timeframe: '1m', limit: 10, also: 'this' }],
      ['saveAnnotation', { annotation: { id: '../../etc/passwd' } }],
      ['startTraining', { symbol: 'ETH/USDT', epochs: -1 }],
      ['promoteCheckpoint', { id: '../escape' }],
      ['submitOrder', { intent: { symbol: 'ETH/USDT', side: 'buy', type: 'market', quantity: 'NaN' } }],
      ['setPracticeSpeed', { speed: 1e6 }],
    ];
    for (const [name, input] of badInputs)
      expect(await codeOf(name, input), `${name} ${JSON.stringify(input)}`).toBe('BAD_REQUEST');
    const answer = await wire.attempt('getCandles', { symbol: 42, timeframe: '1m', limit: 10 });
    expect(!answer.ok && answer.error.message).toContain('symbol');
    expect(await codeOf('getCandles', { symbol: 'DOGE/USDT', timeframe: '1m', limit: 10 })).toBe('UNKNOWN_SYMBOL');
    expect(await codeOf('cancelOrder', { orderId: 'none-such' })).toBe('ORDER_UNKNOWN');

    const unknown = await wire.attemptSubscribe('secrets', {});
    expect(!unknown.ok && unknown.error.code).toBe('UNKNOWN_STREAM');
    const wrong = await wire.attemptSubscribe('cob', { symbol: 7 });
    expect(!wrong.ok && wrong.error.code).toBe('BAD_REQUEST');

    for (const noise of [
      'text',
      7,
      null,
      [],
      { kind: 'command' },
      { kind: 'command', id: 'x', name: 1 },
      { kind: 'ack', id: 99, seq: 1e9 },
    ]) {
      await wire.send(noise);
    }
    expect((await wire.command('getBootstrap', {})).state).toBe('ready');
  });

  await test.step('nothing of Node or Electron is within the page', async () => {
    const reach = await page.evaluate(() => ({
      globals: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in window),
      bridge: Object.keys((window as unknown as { cobaltDesk: object }).cobaltDesk),
    }));
    expect(reach).toEqual({ globals: [], bridge: ['connect'] });
  });

  await test.step('it cannot go elsewhere or open windows', async () => {
    await app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = async (url) => void opened.push(url);
    });
    await page.evaluate(() => {
      location.href = 'https://example.com/';
    });
    await expect.poll(() => readFileSync(folder.logPath, 'utf8')).toContain('refused a navigation');
    expect(page.url()).toBe('app://desk/');
    const opened = await page.evaluate(() =>
      ['http://example.com/', 'file:///etc/passwd', 'app://desk/', 'https://example.com/'].map((url) => window.open(url)),
    );
    expect(opened).toEqual([null, null, null, null]);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    const outside = await app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    expect(outside, 'only https goes to the browser').toEqual(['https://example.com/']);
  });

  await test.step('the content policy stops foreign scripts and connections', async () => {
    // The reports come whenever the page gets to them, so they are gathered and waited for.
    await page.evaluate(() => {
      const directives: string[] = [];
      Object.assign(window, { directives });
      document.addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.head.append(script);
      void fetch('https://example.com/').catch(() => undefined);
    });
    const directives = () => page.evaluate(() => (window as unknown as { directives: string[] }).directives);
    await expect.poll(directives).toContain('connect-src');
    await expect.poll(async () => (await directives()).some((directive) => directive.startsWith('script-src'))).toBe(true);
    expect(await page.evaluate(() => 'injected' in window)).toBe(false);
    for (const path of ['/../package.json', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json', '//etc/passwd', '/%00']) {
      expect(
        await page.evaluate(
          (asked) =>
            fetch(`app://desk${asked}`).then(
              ({ status }) => status,
              () => 0,
            ),
          path,
        ),
        path,
      ).not.toBe(200);
    }
  });

  await test.step('it is granted no permission', async () => {
    const granted = await page.evaluate(async () => ({
      notification: await Notification.requestPermission(),
      geolocation: await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          ({ code }) => resolve(code),
        );
      }),
      camera: (await navigator.permissions.query({ name: 'camera' })).state,
      clipboard: await navigator.clipboard.readText().then(
        () => 'granted',
        ({ name }: DOMException) => name,
      ),
    }));
    expect(granted).toEqual({ notification: 'denied', geolocation: 1, camera: 'denied', clipboard: 'NotAllowedError' });
  });

  await test.step('it may load itself again, and all is well', async () => {
    await page.reload();
    await desk.ready();
    await statusBar.advances(1_000);
  });
});
