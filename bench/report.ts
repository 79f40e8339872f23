import type { Numbers } from './numbers.js';
import type { Spread } from './spread.js';

/** The numbers as a table for people. */
export function reportOf(numbers: Numbers): string {
  const { machine, agents, slots, floors, wholeWay, latency, throughput, logs } = numbers;
  const { cpuUs } = throughput;
  const lines: (readonly [string, string])[] = [
    [
      `${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, PostgreSQL ${machine.postgres}`,
      '',
    ],
    [`${agents} agents with ${slots} slots`, ''],
    ['', ''],
    ['floor: commit of one row', spread(floors.commit)],
    ['floor: commits of one row, one by one', perSecond(floors.commitsPerSecond)],
    ['floor: rows committed by the hundred', perSecond(floors.groupedRowsPerSecond)],
    ['floor: WebSocket echo', spread(floors.echo)],
    ['floor: WebSocket echoes, 100 under way', perSecond(floors.echoesPerSecond)],
    ['', ''],
    ['enqueued → package opened', spread(latency.toPackage)],
    ['  in commits + echoes at p50', times(latency.toPackage.p50 / (floors.commit.p50 + floors.echo.p50))],
    ['enqueued → accept committed and answered', spread(latency.toAccepted)],
    [
      '  in 2 commits + 2 echoes at p50',
      times(latency.toAccepted.p50 / (2 * (floors.commit.p50 + floors.echo.p50))),
    ],
    ['createChange → package opened', spread(wholeWay)],
    ['', ''],
    [
      'lives at full speed',
      `${perSecond(throughput.livesPerSecond)} (${throughput.lives} in ${fixed(throughput.seconds, 1)} s)`,
    ],
    ['  in each second', throughput.perSecond.join(' ')],
    ['  per commit of the floor', times(throughput.livesPerSecond / floors.commitsPerSecond)],
    ['  echoes of the floor per life', times(floors.echoesPerSecond / throughput.livesPerSecond)],
    ['CPU per life: server with driver', micros(cpuUs.server)],
    ['CPU per life: agents', micros(cpuUs.agents)],
    ['CPU per life: PostgreSQL', cpuUs.postgres === null ? 'unknown' : micros(cpuUs.postgres)],
    ['commits per life', fixed(throughput.commitsPerLife, 3)],
    ['WAL per life', `${fixed(throughput.walBytesPerLife / 1024, 1)} KiB`],
    ['', ''],
    ['floor: COPY of the logs', `${fixed(logs.copyMibPerSecond, 1)} MiB/s`],
    [
      `${logs.mib} MiB of logs, ${logs.builds} builds at once`,
      `${fixed(logs.mibPerSecond, 1)} MiB/s (× ${fixed(logs.mibPerSecond / logs.copyMibPerSecond, 2)} of COPY)`,
    ],
    ['  until they are archived', `${fixed(logs.archiveMibPerSecond, 1)} MiB/s`],
    ['  memory: server with driver', `${logs.memoryMib.server} MiB`],
    ['  memory: agents', `${logs.memoryMib.agents} MiB`],
  ];
  const width = Math.max(...lines.filter(([, value]) => value !== '').map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}

function spread({ p50, p99, count }: Spread): string {
  return `p50 ${fixed(p50, 2)} ms, p99 ${fixed(p99, 2)} ms (${count})`;
}

function perSecond(count: number): string {
  return `${Math.round(count)}/s`;
}

function times(ratio: number): string {
  return `× ${fixed(ratio, 2)}`;
}

function micros(us: number): string {
  return `${Math.round(us)} µs`;
}

function fixed(value: number, digits: number): string {
  return value.toFixed(digits);
}
