import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigProblem } from '../../core/contracts/system.ts';
import { loadDeskConfig } from './config-loader.ts';

const shipped = join(import.meta.dirname, '..', '..', 'config');

let folder: string;
let userConfig: string;
let userModels: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-config-'));
  userConfig = join(folder, 'config.yaml');
  userModels = join(folder, 'models.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(environment: Record<string, string | undefined> = {}, defaultsFolder = shipped) {
  return loadDeskConfig({ defaultsFolder, userConfig, userModels, environment });
}

async function loaded(environment: Record<string, string | undefined> = {}) {
  const result = await load(environment);
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2));
  return result.value;
}

async function problems(environment: Record<string, string | undefined> = {}): Promise<ConfigProblem[]> {
  const result = await load(environment);
  if (result.ok) throw new Error('the configuration was accepted');
  return result.error;
}

/** The only problem of a user's config.yaml with these lines. */
async function problemOf(...lines: string[]): Promise<ConfigProblem> {
  writeFileSync(userConfig, lines.join('\n'));
  const found = await problems();
  expect(found).toHaveLength(1);
  return found[0] as ConfigProblem;
}

describe('a configuration that is right', () => {
  it('is the shipped one when the user has no files', async () => {
    const { config, models } = await loaded();
    expect(config).toMatchObject({ market: { mode: 'SIM' }, practice: { speed: 1 }, headless: { port: 8080 } });
    expect(models.models.map((model) => model.id)).toEqual(['cnn']);
  });

  it('takes empty files and files of comments for no wishes', async () => {
    writeFileSync(userConfig, '');
    writeFileSync(userModels, '# nothing yet\n');
    expect((await loaded()).config.practice.speed).toBe(1);
  });

  it("merges the user's maps key by key, and replaces lists and values", async () => {
    writeFileSync(userConfig, 'practice:\n  speed: 10\nsymbols:\n  SOL/USDT:\n    bucketWidth: 0.1\n');
    const { config } = await loaded();
    expect(config.practice).toMatchObject({ speed: 10, seed: 20200305 });
    expect(Object.keys(config.symbols)).toEqual(['ETH/USDT', 'BTC/USDT', 'SOL/USDT']);

    const model = readFileSync(join(shipped, 'models.yaml'), 'utf8').replace('id: cnn', 'id: mine');
    writeFileSync(userModels, model);
    expect((await loaded()).models.models.map((entry) => entry.id)).toEqual(['mine']);
  });

  it('lets the environment have the last word, typed as the default is', async () => {
    writeFileSync(userConfig, 'practice:\n  speed: 10\nrisk:\n  maxOrderNotional: "70"\n');
    const { config } = await loaded({
      COBALT_PRACTICE_SPEED: '2.5',
      COBALT_RISK_MAX_ORDER_NOTIONAL: '6000',
      COBALT_MARKET_MODE: 'LIVE',
      COBALT_MARKET_REFERENCE_SYMBOL: 'ETH/USDT',
      COBALT_CONNECTIONS_SILENCE_MS: '2000',
      COBALT_VENUES_OKX_REST_URL: 'http://127.0.0.1:9',
      COBALT_PAPER_STARTING_BALANCE: undefined,
      COBALT_RECORDING_ENABLED: 'false',
      COBALT_RECORDING_MAX_GB: '0.5',
    });
    expect(config.recording).toMatchObject({ enabled: false, segmentMinutes: 5, maxGb: 0.5 });
    expect(config.practice.speed).toBe(2.5);
    expect(config.risk.maxOrderNotional).toBe('6000');
    expect(config.market).toMatchObject({ mode: 'LIVE', referenceSymbol: 'ETH/USDT' });
    expect(config.connections.silenceMs).toBe(2_000);
    expect(config.venues.okx.restUrl).toBe('http://127.0.0.1:9');
    expect(config.paper.startingBalance).toBe('10000');
  });

  it('takes the texts between the commas of a variable for a list', async () => {
    expect((await loaded()).config.modules).toEqual([]);
    expect((await loaded({ COBALT_MODULES: 'regime, cob' })).config.modules).toEqual(['regime', 'cob']);
    writeFileSync(userConfig, 'modules:\n  - pivots\n');
    expect((await loaded()).config.modules).toEqual(['pivots']);
    expect((await loaded({ COBALT_MODULES: '' })).config.modules).toEqual([]);
  });

  it('types a variable by the default even where the user gave the key another type', async () => {
    writeFileSync(userConfig, 'risk:\n  maxOrderNotional: 70\n');
    expect((await loaded({ COBALT_RISK_MAX_ORDER_NOTIONAL: '6000' })).config.risk.maxOrderNotional).toBe('6000');
  });

  it('leaves variables alone that mean something else', async () => {
    const others = {
      COBALT_DATA_DIR: '/x',
      COBALT_HEADLESS_TOKEN: 't',
      COBALT_LOG_LEVEL: 'debug',
      COBALT_ELECTRON: 'e',
      PATH: '/bin',
    };
    expect((await loaded(others)).config.market.mode).toBe('SIM');
  });
});

describe('a configuration that is wrong', () => {
  it('names the line of an analysis module that there is not, and those that there are', async () => {
    const problem = await problemOf('practice:', '  speed: 2', 'modules:', '  - regime', '  - tarot');
    expect(problem).toMatchObject({ file: userConfig, line: 5, key: 'modules.1', actual: '"tarot"' });
    expect(problem.expected).toContain('one of regime, timeframes, pivots');
    writeFileSync(userConfig, '');
    const [module] = await problems({ COBALT_MODULES: 'regime,astrology' });
    expect(module).toMatchObject({ file: 'environment variable COBALT_MODULES', key: 'modules.1', actual: '"astrology"' });
  });

  it('names the line of a value of the wrong type', async () => {
    expect(await problemOf('# mine', 'practice:', '  seed: 1', '  speed: fast')).toEqual({
      file: userConfig,
      line: 4,
      key: 'practice.speed',
      expected: 'a number',
      actual: '"fast"',
    });
  });

  it.each([
    ['practice:\n  speed: 61', 'practice.speed', 'at most 60', '61'],
    ['practice:\n  seed: 1.5', 'practice.seed', 'a whole number', '1.5'],
    [
      'practice:\n  startAt: yesterday',
      'practice.startAt',
      'a date and time such as 2020-04-26T00:00:00Z, in quotes',
      '"yesterday"',
    ],
    ['risk:\n  maxOrderNotional: 5000', 'risk.maxOrderNotional', 'text (in quotes where it looks like a number)', '5000'],
    ['risk:\n  maxOrderNotional: "5k"', 'risk.maxOrderNotional', 'a decimal number such as 12.34', '"5k"'],
    ['risk:\n  maxOrderNotional: "0"', 'risk.maxOrderNotional', 'must be above zero', '"0"'],
    ['risk:\n  priceCollarPct: 0', 'risk.priceCollarPct', 'above 0', '0'],
    ['market:\n  mode: PAPER', 'market.mode', 'one of SIM, LIVE, REPLAY', '"PAPER"'],
    [
      'market:\n  primarySymbol: SOL/USDT',
      'market.primarySymbol',
      'a symbol that is listed under symbols (ETH/USDT, BTC/USDT)',
      '"SOL/USDT"',
    ],
    ['recording:\n  enabled: maybe', 'recording.enabled', 'true or false', '"maybe"'],
    ['recording:\n  keepDays: 0', 'recording.keepDays', 'at least 1', '0'],
    ['recording:\n  maxGb: 0', 'recording.maxGb', 'at least 0.1', '0'],
    ['paper:\n  currency: $', 'paper.currency', 'at least 2 characters', '"$"'],
  ])('says what was expected and found: %j', async (text, key, expected, actual) => {
    expect(await problemOf(text)).toEqual({ file: userConfig, line: 2, key, expected, actual });
  });

  it.each([
    ['venues:\n  okx:\n    restUrl: nowhere', 'venues.okx.restUrl', 'a URL such as https://api.example.com', '"nowhere"'],
    [
      'symbols:\n  ETH/USDT:\n    sources: [bitmex:ETH/USDT]',
      'symbols.ETH/USDT.sources.0',
      'a source such as bybit:ETH/USDT or deribit:ETH/USD:ETH',
      '"bitmex:ETH/USDT"',
    ],
  ])('finds the line of a key three levels down: %j', async (text, key, expected, actual) => {
    expect(await problemOf(text)).toEqual({ file: userConfig, line: 3, key, expected, actual });
  });

  it('names unknown keys at every depth with those that are known', async () => {
    expect(await problemOf('practise:', '  speed: 3')).toMatchObject({
      line: 1,
      key: 'practise',
      expected: expect.stringMatching(/^one of the known keys: market, symbols, practice, /) as string,
      actual: 'unknown key "practise"',
    });
    expect(await problemOf('practice:', '  speed: 3', '  sped: 3')).toMatchObject({
      line: 3,
      key: 'practice.sped',
      expected: 'one of the known keys: seed, speed, startAt, port',
    });
    expect(await problemOf('symbols:', '  ETH/USDT:', '    width: 3')).toMatchObject({ line: 3, key: 'symbols.ETH/USDT.width' });
  });

  it('points at the entry that lacks a key', async () => {
    expect(await problemOf('symbols:', '  SOL/USDT: {}')).toEqual({
      file: userConfig,
      line: 2,
      key: 'symbols.SOL/USDT.bucketWidth',
      expected: 'a number',
      actual: 'missing',
    });
  });

  it('says how a symbol is written', async () => {
    expect(await problemOf('symbols:', '  solusdt:', '    bucketWidth: 1')).toEqual({
      file: userConfig,
      line: 2,
      key: 'symbols.solusdt',
      expected: 'a unified symbol such as ETH/USDT',
      actual: 'the key "solusdt"',
    });
  });

  it('reports a section that is something else, or empty', async () => {
    expect(await problemOf('practice: 5')).toMatchObject({ line: 1, key: 'practice', expected: 'keys and values', actual: '5' });
    expect(await problemOf('', 'practice:')).toMatchObject({ line: 2, key: 'practice', actual: 'null' });
    writeFileSync(userConfig, 'practice: 5');
    expect((await problems({ COBALT_PRACTICE_SPEED: '2' })).map((problem) => problem.key)).toEqual(['practice']);
  });

  it('finds a wrong value deep in a list of models.yaml', async () => {
    const lines = readFileSync(join(shipped, 'models.yaml'), 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('batchSize'));
    writeFileSync(userModels, lines.with(line, '      batchSize: many').join('\n'));
    expect(await problems()).toEqual([
      { file: userModels, line: line + 1, key: 'models.0.training.batchSize', expected: 'a number', actual: '"many"' },
    ]);
    writeFileSync(userModels, lines.with(line, '      batchSizes: 32').join('\n'));
    const training = lines.findIndex((text) => text.includes('training:'));
    expect(await problems()).toMatchObject([
      { file: userModels, line: training + 1, key: 'models.0.training.batchSize', actual: 'missing' },
      { file: userModels, line: line + 1, key: 'models.0.training.batchSizes', actual: 'unknown key "batchSizes"' },
    ]);
  });

  it('names the line of a syntax error', async () => {
    expect(await problemOf('market:', '  mode: [SIM', 'risk:')).toMatchObject({
      file: userConfig,
      line: 3,
      key: '(syntax)',
      expected: 'valid YAML',
    });
    expect(await problemOf('practice:', '  speed: 1', '  speed: 2')).toMatchObject({ line: 3, key: '(syntax)' });
  });

  it('reports aliases that lead nowhere or explode, instead of failing', async () => {
    expect(await problemOf('practice: *missing')).toMatchObject({ file: userConfig, key: '(syntax)' });
    const bomb = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (const [now, before] of ['ba', 'cb', 'dc', 'ed', 'fe'])
      bomb.push(`${now}: &${now} [${Array(10).fill(`*${before}`).join(',')}]`);
    expect(await problemOf(...bomb)).toMatchObject({ file: userConfig, key: '(syntax)' });
  });

  it('refuses a file that is a list or a text', async () => {
    expect(await problemOf('- practice', '- risk')).toMatchObject({
      line: 1,
      key: '(file)',
      expected: 'keys and values',
      actual: '["practice","risk"]',
    });
    expect(await problemOf('just words')).toMatchObject({ key: '(file)', actual: '"just words"' });
  });

  it('reports a file that cannot be read, and defaults that are not there', async () => {
    mkdirSync(userConfig);
    expect(await problems()).toEqual([expect.objectContaining({ file: userConfig, key: '(file)', expected: 'a readable file' })]);
    rmSync(userConfig, { recursive: true });
    const nowhere = await load({}, join(folder, 'nowhere'));
    expect(nowhere.ok ? [] : nowhere.error.map((problem) => problem.file)).toEqual([
      join(folder, 'nowhere', 'config.yaml'),
      join(folder, 'nowhere', 'models.yaml'),
    ]);
  });

  it('reports every problem of both files and of the environment at once', async () => {
    writeFileSync(userConfig, 'practice:\n  speed: 0\n  port: -1\n');
    writeFileSync(userModels, 'models: []\n');
    const found = await problems({ COBALT_RISK_MAX_OPEN_ORDERS: 'lots', COBALT_NOPE: 'x' });
    expect(found.map(({ file, key }) => [file, key])).toEqual([
      ['environment', 'COBALT_NOPE'],
      [userConfig, 'practice.speed'],
      [userConfig, 'practice.port'],
      ['environment variable COBALT_RISK_MAX_OPEN_ORDERS', 'risk.maxOpenOrders'],
      [userModels, 'models'],
    ]);
  });

  it('names the variable whose value is wrong, also an empty one', async () => {
    expect(await problems({ COBALT_HEADLESS_PORT: '' })).toEqual([
      {
        file: 'environment variable COBALT_HEADLESS_PORT',
        line: undefined,
        key: 'headless.port',
        expected: 'a number',
        actual: '""',
      },
    ]);
  });

  it('lists the known variables for an unknown one, and never repeats its value', async () => {
    const [problem] = await problems({ COBALT_BINANCE_API_SECRET: 'hunter2' });
    expect(problem).toMatchObject({ file: 'environment', key: 'COBALT_BINANCE_API_SECRET' });
    expect(problem?.expected).toContain('COBALT_CONNECTIONS_REQUEST_TIMEOUT_MS');
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  it('cannot set what is not a single value by a variable', async () => {
    expect((await problems({ COBALT_MARKET_VENUES: 'binance' }))[0]).toMatchObject({ key: 'COBALT_MARKET_VENUES' });
  });
});
