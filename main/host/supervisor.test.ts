import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { FakeLauncher } from './fixtures/fake-worker.ts';
import { silentLog } from './log.ts';
import { superviseWorker } from './supervisor.ts';

const READY = { kind: 'ready' };

function setUp(jitter = () => 0.5) {
  const wall = new ManualClock(0);
  const launcher = new FakeLauncher();
  let starts = 0;
  const worker = superviseWorker({
    name: 'inference',
    launcher,
    args: () => [`start ${++starts}`],
    wall,
    jitter,
    isReady: (message) => (message as { kind: string }).kind === 'ready',
    log: silentLog,
  });
  const messages: unknown[] = [];
  const changes: string[] = [];
  worker.onMessage((message) => messages.push(message));
  worker.onChange((change) => changes.push(change));
  return { wall, launcher, worker, messages, changes };
}

describe('superviseWorker', () => {
  it('starts, waits for ready, and passes messages both ways', () => {
    const { launcher, worker, messages, changes } = setUp();
    expect(worker.health()).toEqual({ name: 'inference', state: 'starting', restarts: 0, pid: 1_000 });
    launcher.newest.say(READY);
    expect(worker.health().state).toBe('ready');
    launcher.newest.say({ kind: 'other' });
    expect(worker.post({ ask: 1 })).toBe(true);
    expect(launcher.newest.posted).toEqual([{ ask: 1 }]);
    expect(messages).toEqual([READY, { kind: 'other' }]);
    expect(changes).toEqual(['up']);
  });

  it('restarts what dies, after a back-off that doubles up to 30 s, and asks for its arguments anew', () => {
    const { wall, launcher, worker, changes } = setUp();
    launcher.newest.say(READY);
    const waits: number[] = [];
    for (let death = 0; death < 7; death++) {
      launcher.newest.die('exit code 1');
      expect(worker.health()).toMatchObject({ state: 'restarting', restarts: death + 1, lastError: 'exit code 1' });
      expect(worker.health().pid).toBeUndefined();
      expect(worker.post('lost')).toBe(false);
      const before = launcher.launched.length;
      const diedAt = wall.now();
      while (launcher.launched.length === before) wall.advanceBy(1);
      waits.push(wall.now() - diedAt);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(launcher.launched.map((child) => child.args[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `start ${n}`));
    expect(changes).toEqual(['up', 'down']);
    launcher.newest.say(READY);
    expect(changes).toEqual(['up', 'down', 'up']);
  });

  it('spreads restarts by a quarter either way', () => {
    for (const [jitter, wait] of [
      [0, 188],
      [0.999, 313],
    ] as const) {
      const { wall, launcher } = setUp(() => jitter);
      launcher.newest.die('exit code 1');
      wall.advanceBy(wait - 2);
      expect(launcher.launched).toHaveLength(1);
      wall.advanceBy(2);
      expect(launcher.launched).toHaveLength(2);
    }
  });

  it('gives up after eight quick deaths, until the user restarts it', () => {
    const { wall, launcher, worker } = setUp();
    for (let death = 0; death < 8; death++) {
      launcher.newest.die('exit code 1');
      expect(worker.health().state).toBe(death < 7 ? 'restarting' : 'failed');
      wall.advanceBy(20_000);
    }
    const launches = launcher.launched.length;
    wall.advanceBy(3_600_000);
    expect(launcher.launched).toHaveLength(launches);
    worker.restart();
    expect(launcher.launched).toHaveLength(launches + 1);
    expect(worker.health().state).toBe('starting');
    launcher.newest.die('exit code 1');
    expect(worker.health().state).toBe('restarting');
  });

  it('forgets earlier deaths once a process lived for a minute', () => {
    const { wall, launcher, worker } = setUp();
    for (let death = 0; death < 20; death++) {
      launcher.newest.say(READY);
      wall.advanceBy(60_000);
      launcher.newest.die('exit code 1');
      expect(worker.health().state).toBe('restarting');
      wall.advanceBy(250);
      expect(launcher.launched).toHaveLength(death + 2);
    }
  });

  it('kills what does not become ready within 30 s, and says that this is why', () => {
    const { wall, launcher, worker } = setUp();
    wall.advanceBy(29_999);
    expect(launcher.newest.killed).toBe(0);
    wall.advanceBy(1);
    expect(launcher.newest.killed).toBe(1);
    expect(worker.health()).toMatchObject({ state: 'restarting', lastError: 'did not become ready within 30 s' });
    wall.advanceBy(250);
    launcher.newest.say(READY);
    wall.advanceBy(3_600_000);
    expect(launcher.newest.killed).toBe(0);
    launcher.newest.die('signal SIGSEGV');
    expect(worker.health().lastError).toBe('signal SIGSEGV');
  });

  it('tries again when a process cannot be launched at all', () => {
    const { wall, launcher, worker } = setUp();
    launcher.refuse = 'no memory';
    launcher.newest.die('exit code 1');
    wall.advanceBy(250);
    expect(worker.health()).toMatchObject({ state: 'restarting', lastError: 'could not be started: no memory' });
    launcher.refuse = undefined;
    wall.advanceBy(500);
    launcher.newest.say(READY);
    expect(worker.health().state).toBe('ready');
  });

  it('hears nothing of a process that is gone', () => {
    const { wall, launcher, worker, messages, changes } = setUp();
    const first = launcher.newest;
    first.die('exit code 1');
    wall.advanceBy(250);
    first.say(READY);
    first.say({ kind: 'late' });
    expect(worker.health().state).toBe('restarting');
    expect([messages, changes]).toEqual([[], []]);
  });

  it('restarts a living process on request, starting its count over', () => {
    const { wall, launcher, worker } = setUp();
    for (let death = 0; death < 5; death++) {
      launcher.newest.die('exit code 1');
      wall.advanceBy(20_000);
    }
    launcher.newest.say(READY);
    const launches = launcher.launched.length;
    worker.restart();
    expect(worker.health().state).toBe('restarting');
    wall.advanceBy(250);
    expect(launcher.launched).toHaveLength(launches + 1);
  });

  it('stops for good: also between two lives, also before it was ready', async () => {
    const between = setUp();
    between.launcher.newest.die('exit code 1');
    await between.worker.stop();
    between.wall.advanceBy(3_600_000);
    between.worker.restart();
    expect(between.launcher.launched).toHaveLength(1);
    expect(between.worker.health().state).toBe('stopped');

    const early = setUp();
    early.launcher.newest.stubborn = true;
    const stopping = early.worker.stop();
    // Its `ready` was under way already.
    early.launcher.newest.say(READY);
    expect(early.worker.health().state).toBe('stopped');
    expect([early.changes, early.messages]).toEqual([[], []]);
    early.launcher.newest.die('signal SIGTERM');
    await stopping;
    early.wall.advanceBy(3_600_000);
    expect(early.launcher.launched).toHaveLength(1);
    expect(early.worker.post('anything')).toBe(false);
  });

  it('lets one bad listener keep nobody else from hearing', () => {
    const { launcher, worker, messages } = setUp();
    const late: unknown[] = [];
    worker.onMessage(() => {
      throw new Error('listener');
    });
    worker.onMessage((message) => late.push(message));
    launcher.newest.say(READY);
    expect(worker.health().state).toBe('ready');
    expect(late).toEqual(messages);
  });
});
