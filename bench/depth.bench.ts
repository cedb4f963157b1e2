import { median, openReport } from './bench-runner.ts';
import { compareBookUpdates } from './depth/book-updates.ts';
import {
  CHECKED_LEVELS,
  CLIENTS,
  type ClientName,
  type ClientOptions,
  type FromClient,
  runClient,
  type ToClient,
} from './depth/clients.ts';
import { checksum, depthFlow, type DepthFlowOptions } from './depth/depth-flow.ts';
import { type FromServer, serveDepth, type ToServer } from './depth/venue-server.ts';
import { RoleProcess, roleHere } from './role-process.ts';

/**
 * Order books: level updates per CPU-second inside one process, and depth messages per CPU-second end to end, from the loopback
 * socket to the updated book. End to end every client runs in a fresh process of its own, they take turns, and CPU time (user and
 * system, all threads) is what counts: a busy machine then slows the clock but hardly the figure. All clients must end with the same book.
 */
interface Scenario extends DepthFlowOptions {
  /** Passes over the flow that are measured; fewer for slower clients. As many come before, to warm up. */
  readonly passes: Readonly<Record<ClientName, number>>;
}

const RUNS = 3;
const SCENARIOS: readonly Scenario[] = [
  { seed: 1, messages: 2_000, levelsPerMessage: 10, depth: 1_000, passes: { ours: 60, ccxt: 9, orderbooks: 2 } },
  { seed: 2, messages: 1_000, levelsPerMessage: 60, depth: 1_000, passes: { ours: 40, ccxt: 4, orderbooks: 1 } },
  { seed: 3, messages: 200, levelsPerMessage: 150, depth: 5_000, passes: { ours: 60, ccxt: 3, orderbooks: 1 } },
];
const PACED: Scenario = {
  seed: 2,
  messages: 1_000,
  levelsPerMessage: 60,
  depth: 1_000,
  passes: { ours: 2, ccxt: 2, orderbooks: 2 },
};
const PACED_PER_SECOND = 500;
/** Passes before a paced run: enough for the compiler to be done, as it is in an app that has run for a while. */
const PACED_WARM_UP = { ours: 12, ccxt: 3, orderbooks: 1 } as const;
const PEERS = { ccxt: 'ccxt 4.5.84 watchOrderBook', orderbooks: 'ws + orderbooks 1.1.14' } as const;

async function bench(): Promise<void> {
  const report = openReport('depth');
  for (const [depth, nearness] of [
    [1_000, 3],
    [5_000, 3],
    [1_000, 1],
  ] as const) {
    const spread = nearness === 1 ? ', evenly spread' : '';
    for (const { peer, ours, theirs } of await compareBookUpdates(depth, nearness)) {
      report.row({
        metric: `book updates at depth ${depth}${spread}`,
        value: ours,
        unit: 'updates/CPU-s',
        peer,
        peerValue: theirs,
      });
    }
  }
  for (const scenario of SCENARIOS) {
    const rates = await compareClients(scenario, CLIENTS);
    for (const peer of ['ccxt', 'orderbooks'] as const) {
      report.row({
        metric: `depth messages, ${scenario.levelsPerMessage} levels`,
        value: rates.ours,
        unit: 'messages/CPU-s',
        peer: PEERS[peer],
        peerValue: rates[peer],
      });
    }
  }
  const paced = await compareClients(PACED, ['ours', 'ccxt'], PACED_PER_SECOND);
  report.row({
    metric: `paced ${PACED_PER_SECOND}/s, ${PACED.levelsPerMessage} levels`,
    value: paced.ours,
    unit: 'messages/CPU-s',
    peer: PEERS.ccxt,
    peerValue: paced.ccxt,
  });
}

/** Median messages per CPU-second of each client, on one server. */
async function compareClients(
  scenario: Scenario,
  names: readonly ClientName[],
  perSecond?: number,
): Promise<Record<ClientName, number>> {
  const expected = checksum(depthFlow(scenario).end, CHECKED_LEVELS);
  const server = new RoleProcess<ToServer, FromServer>('server', JSON.stringify(scenario));
  try {
    const { port } = await server.next('listening');
    const rates: Record<ClientName, number[]> = { ours: [], ccxt: [], orderbooks: [] };
    for (let run = 0; run < RUNS; run++) {
      for (const name of names) {
        const { rate, found } = await runOnce(server, port, name, scenario, perSecond);
        if (found !== expected) throw new Error(`${name} ended at checksum ${found}, expected ${expected}`);
        rates[name].push(rate);
      }
    }
    const rateOf = (name: ClientName): number => (rates[name].length > 0 ? median(rates[name]) : 0);
    return { ours: rateOf('ours'), ccxt: rateOf('ccxt'), orderbooks: rateOf('orderbooks') };
  } finally {
    await server.stop();
  }
}

async function runOnce(
  server: RoleProcess<ToServer, FromServer>,
  port: number,
  name: ClientName,
  scenario: Scenario,
  perSecond: number | undefined,
): Promise<{ rate: number; found: number }> {
  const client = new RoleProcess<ToClient, FromClient>('client', JSON.stringify({ name, port, depth: scenario.depth }));
  const through = async (send: ToServer) => {
    server.post(send);
    const { messages, time } = await server.next('target');
    client.post({ kind: 'until', time });
    return { messages, ...(await client.next('reached')) };
  };
  try {
    await client.next('live');
    const passes = scenario.passes[name];
    await through({ kind: 'burst', passes: perSecond === undefined ? passes : PACED_WARM_UP[name] });
    client.post({ kind: 'mark' });
    await client.next('marked');
    const measured = await through(perSecond === undefined ? { kind: 'burst', passes } : { kind: 'paced', passes, perSecond });
    return { rate: measured.messages / (measured.cpuUs / 1e6), found: measured.checksum };
  } finally {
    await client.stop();
  }
}

const role = roleHere();
if (role?.name === 'server') await serveDepth(JSON.parse(role.argument) as Scenario);
else if (role?.name === 'client') {
  await runClient(JSON.parse(role.argument) as ClientOptions);
} else await bench();
