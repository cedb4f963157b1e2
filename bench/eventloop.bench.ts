// bench: needs the built app
import { SplitMix32 } from '../core/base/rng.ts';
import type { TrainingStatus } from '../core/contracts/learning.ts';
import { openReport } from './bench-runner.ts';
import type { DeskClient } from './desk/desk-client.ts';
import { DeskProcess, PROBE_VARIABLE } from './desk/desk-process.ts';
import { type FromProbe, type LoopFigures, startLoopProbe, type ToProbe } from './desk/loop-probe.ts';
import { RoleProcess, roleHere } from './role-process.ts';

/**
 * How late the main process's event loop runs while the whole chain does: the practice market at 1× and at 60×, every stream read by a
 * page, pages of history asked for, a training in progress, a prediction at each closed minute, orders sent, filled and cancelled.
 * An idle process is watched in the same seconds: what it shows is the machine's doing (the scheduler, a busy neighbour), not ours.
 * Own work per tick is what the main thread computed in one go, by its CPU time: a busy machine does not change it much.
 */
const PHASES = [
  // Just over a minute, so that at least one closes and is predicted.
  { speed: 1, seconds: 63 },
  { speed: 60, seconds: 40 },
] as const;
const LIMIT_MS = 10;
const SYMBOL = 'ETH/USDT';
const OTHER = 'BTC/USDT';
const ORDER_EVERY_MS = 500;
const PAGE_EVERY_MS = 300;
const SETTLE_MS = 4_000;

interface Tally {
  predictions: number;
  fills: number;
  ended: number;
  pages: number;
  cobViews: number;
  trainingPoints: number;
  appP99: number;
}

async function bench(): Promise<void> {
  const report = openReport('eventloop');
  const idle = new RoleProcess<ToProbe, FromProbe>('idle');
  const desk = await DeskProcess.start({ COBALT_PRACTICE_SPEED: '1' });
  try {
    const { client } = desk;
    const tally: Tally = { predictions: 0, fills: 0, ended: 0, pages: 0, cobViews: 0, trainingPoints: 0, appP99: 0 };
    const training = await prepare(client, tally);
    await train(client, training, 2);
    const failures: unknown[] = [];
    const stop = keepBusy(client, tally, failures);
    // One training after another; each ends with a checkpoint that takes over predicting.
    let busy = true;
    void (async () => {
      while (busy) await train(client, training, 400);
    })().catch((thrown: unknown) => busy && failures.push(thrown));
    for (const { speed, seconds } of PHASES) {
      await client.run('setPracticeSpeed', { speed });
      await pause(SETTLE_MS);
      const before = { ...tally };
      idle.post({ kind: 'probe', ask: 'reset' });
      await idle.next('reset');
      await desk.reset();
      await pause(1_000 * seconds);
      idle.post({ kind: 'probe', ask: 'read' });
      const [own, { figures: control }] = [await desk.figures(), await idle.next('figures')];
      tell(`${speed}×`, own, control, tally.appP99);
      mustHaveHappened(before, tally, speed);
      if (failures.length > 0) throw failures[0];
      report.row({ metric: `orders ended, ${speed}×`, value: tally.ended - before.ended, unit: `in ${seconds} s` });
      report.row({ metric: `predictions, ${speed}×`, value: tally.predictions - before.predictions, unit: `in ${seconds} s` });
    }
    busy = false;
    stop();
  } finally {
    await desk.stop();
    await idle.stop();
  }

  function tell(phase: string, own: LoopFigures, control: LoopFigures, appP99: number): void {
    const idlePeer = (value: number) => ({ peer: 'idle process, same time', peerValue: value, better: 'lower' }) as const;
    const limit = { peer: 'limit', peerValue: LIMIT_MS, better: 'lower' } as const;
    report.row({ metric: `delay p99, median of 5 s, ${phase}`, value: own.p99OfWindows, unit: 'ms', ...limit });
    report.row({
      metric: `delay p99, median of 5 s, ${phase}`,
      value: own.p99OfWindows,
      unit: 'ms',
      ...idlePeer(control.p99OfWindows),
    });
    report.row({ metric: `delay p99, whole phase, ${phase}`, value: own.p99, unit: 'ms', ...limit });
    report.row({ metric: `delay p99, whole phase, ${phase}`, value: own.p99, unit: 'ms', ...idlePeer(control.p99) });
    report.row({ metric: `delay p50, ${phase}`, value: own.p50, unit: 'ms', ...idlePeer(control.p50) });
    report.row({ metric: `delay p99.9, ${phase}`, value: own.p999, unit: 'ms', ...idlePeer(control.p999) });
    report.row({ metric: `delay max, ${phase}`, value: own.max, unit: 'ms', ...idlePeer(control.max) });
    if (own.work !== undefined) {
      report.row({ metric: `own work per tick p99, ${phase}`, value: own.work.p99, unit: 'ms CPU', ...limit });
      report.row({ metric: `own work per tick p99.9, ${phase}`, value: own.work.p999, unit: 'ms CPU' });
      report.row({ metric: `own work per tick max, ${phase}`, value: own.work.max, unit: 'ms CPU' });
    }
    report.row({ metric: `delay p99 that the status bar shows, ${phase}`, value: appP99, unit: 'ms' });
    report.row({ metric: `event loop busy, ${phase}`, value: 100 * own.utilisation, unit: '%' });
    report.row({ metric: `CPU of the main process, ${phase}`, value: own.cpuMsPerS, unit: 'ms per s' });
    report.row({ metric: `RSS of the main process, ${phase}`, value: own.rssMb, unit: 'MB' });
  }
}

interface Training {
  status: TrainingStatus | undefined;
  changed: () => void;
}

/** Subscribes to all that a page shows and annotates enough trades to train on. */
async function prepare(client: DeskClient, tally: Tally): Promise<Training> {
  const training: Training = { status: undefined, changed: () => {} };
  const nothing = (): void => {};
  // The desk answers while its services are still starting; streams belong to those.
  await ready(client);
  for (const symbol of [SYMBOL, OTHER]) {
    for (const timeframe of ['1s', '1m', '1h'] as const) await client.subscribe('candles', { symbol, timeframe }, nothing);
    await client.subscribe('cob', { symbol }, () => tally.cobViews++);
    await client.subscribe('checkpoints', { symbol }, nothing);
    await client.subscribe('predictions', { symbol }, (event) => {
      if (event.kind === 'updated' && event.prediction.horizons.every((horizon) => horizon.outcome === undefined))
        tally.predictions++;
    });
  }
  await client.subscribe('status', {}, (status) => {
    tally.appP99 = status.mainProcess.eventLoopDelayMsP99;
  });
  await client.subscribe('annotations', {}, nothing);
  await client.subscribe('account', {}, nothing);
  await client.subscribe('orders', {}, (event) => {
    if (event.kind === 'fill') tally.fills++;
    if (event.kind === 'order' && ['filled', 'cancelled'].includes(event.order.state)) tally.ended++;
  });
  await client.subscribe('training', {}, (event) => {
    if (event.kind === 'metric') tally.trainingPoints++;
    else training.status = event.status;
    training.changed();
  });

  const { candles } = await client.run('getCandles', { symbol: SYMBOL, timeframe: '1m', limit: 1_400 });
  for (let i = 0; i < 8; i++) {
    const entry = candles[200 + 120 * i];
    const exit = candles[200 + 120 * i + 30];
    if (entry === undefined || exit === undefined)
      throw new Error(`the practice market gave ${candles.length} candles of the 1,400 asked for`);
    await client.run('saveAnnotation', {
      annotation: {
        id: `bench${i}`,
        symbol: SYMBOL,
        timeframe: '1m',
        direction: exit.close > entry.close ? 'long' : 'short',
        entry: { time: entry.openTime, price: entry.close },
        exit: { time: exit.openTime, price: exit.close },
        note: '',
        createdAt: 0,
        updatedAt: 0,
      },
    });
  }
  return training;
}

async function ready(client: DeskClient): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const bootstrap = await client.run('getBootstrap', {});
    if (bootstrap.state === 'ready') return;
    if (performance.now() > deadline) throw new Error(`the desk did not get ready: ${JSON.stringify(bootstrap)}`);
    await pause(200);
  }
}

/** A whole training, so that a checkpoint predicts. */
async function train(client: DeskClient, training: Training, epochs: number): Promise<void> {
  const { jobId } = await client.run('startTraining', { symbol: SYMBOL, epochs });
  for (;;) {
    const { status } = training;
    if (status?.jobId === jobId && status.state === 'finished') return;
    if (status?.jobId === jobId && ['failed', 'stopped'].includes(status.state))
      throw new Error(`training ${status.state}: ${status.message}`);
    await new Promise<void>((resolve) => {
      training.changed = resolve;
    });
  }
}

/** A restless trader: scrolls through history, sends an order twice a second, cancels those that rest. Answers how to stop it. */
function keepBusy(client: DeskClient, tally: Tally, failures: unknown[]): () => void {
  const rng = new SplitMix32(9);
  let sent = 0;
  const guard = (work: Promise<unknown>): void => void work.catch((thrown: unknown) => failures.push(thrown));
  const order = async (): Promise<void> => {
    const number = sent++;
    const side = number % 2 === 0 ? 'buy' : 'sell';
    const common = { clientOrderId: `bench${number}`, symbol: SYMBOL, side, quantity: '0.1' } as const;
    if (number % 4 < 2) {
      await client.run('submitOrder', { intent: { ...common, type: 'market', timeInForce: 'IOC' } });
      return;
    }
    const { candles } = await client.run('getCandles', { symbol: SYMBOL, timeframe: '1m', limit: 1 });
    const price = (candles.at(-1)?.close ?? Number.NaN) * (side === 'buy' ? 0.98 : 1.02);
    const intent = { ...common, type: 'limit', limitPrice: price.toFixed(2), timeInForce: 'GTC' } as const;
    const { order: resting } = await client.run('submitOrder', { intent });
    await pause(ORDER_EVERY_MS / 2);
    await client.run('cancelOrder', { orderId: resting.id }).catch((thrown: Error) => {
      // It ended by itself in between: the market came, or the gate refused it.
      if (!thrown.message.includes('ORDER_FINAL')) throw thrown;
    });
  };
  const page = async (): Promise<void> => {
    const { candles } = await client.run('getCandles', { symbol: rng.next() < 0.5 ? SYMBOL : OTHER, timeframe: '1m', limit: 1 });
    const now = candles.at(-1)?.openTime ?? 0;
    const timeframe = rng.next() < 0.5 ? '1m' : '1h';
    const back = Math.floor(rng.next() * 1_400) * 60_000;
    await client.run('getCandles', { symbol: SYMBOL, timeframe, before: now - back, limit: 300 });
    tally.pages++;
  };
  const timers = [setInterval(() => guard(order()), ORDER_EVERY_MS), setInterval(() => guard(page()), PAGE_EVERY_MS)];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

/** A chain that stood still would have a fine event loop. */
function mustHaveHappened(before: Tally, now: Tally, speed: number): void {
  for (const what of ['predictions', 'fills', 'ended', 'pages', 'cobViews', 'trainingPoints'] as const) {
    if (now[what] <= before[what]) throw new Error(`no ${what} at ${speed}×: the chain did not run (${JSON.stringify(now)})`);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (process.env[PROBE_VARIABLE] === '1') {
  // Loaded before the desk, in its process. The processes that the desk starts are none of our business.
  delete process.env[PROBE_VARIABLE];
  process.execArgv.length = 0;
  startLoopProbe();
} else if (roleHere()?.name === 'idle') {
  startLoopProbe();
  // Nothing else keeps an idle process.
  setInterval(() => {}, 60_000);
} else {
  await bench();
  process.exit(0);
}
