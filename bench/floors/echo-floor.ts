import { once } from 'node:events';
import { WebSocket } from 'ws';
import { machineMs } from '../machine-clock.js';
import type { Floors } from '../numbers.js';
import { spreadOf } from '../spread.js';
import { repeat } from './commit-floor.js';

/** As long as an operation on one build. */
const MESSAGE = 'x'.repeat(500);
const UNDER_WAY = 100;

/** Round trips to an echo server in another process: one at a time, and with many under way. */
export async function measureEchoes(
  url: string,
  seconds: number,
): Promise<Pick<Floors, 'echo' | 'echoesPerSecond'>> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  const alone = await repeat(seconds, () => roundTrip(socket));
  const echoesPerSecond = await flood(socket, seconds);
  socket.close();
  await once(socket, 'close');
  return { echo: spreadOf(alone.spans), echoesPerSecond };
}

function roundTrip(socket: WebSocket): Promise<unknown> {
  socket.send(MESSAGE);
  return once(socket, 'message');
}

async function flood(socket: WebSocket, seconds: number): Promise<number> {
  const start = machineMs();
  let echoes = 0;
  await new Promise<void>((resolve) => {
    const onMessage = (): void => {
      echoes += 1;
      if (machineMs() - start < seconds * 1_000) return socket.send(MESSAGE);
      socket.off('message', onMessage);
      resolve();
    };
    socket.on('message', onMessage);
    for (let sent = 0; sent < UNDER_WAY; sent += 1) socket.send(MESSAGE);
  });
  return (echoes * 1_000) / (machineMs() - start);
}
