import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** How many ports after the wanted one are tried before any free one will do. */
const NEIGHBOURS = 50;
const LAST_PORT = 65_535;

/** The wanted port, or the next free one after it. */
export async function choosePort(host: string, wanted: number): Promise<number> {
  for (let port = wanted; port <= Math.min(wanted + NEIGHBOURS, LAST_PORT); port += 1) {
    if ((await tryPort(host, port)) !== undefined) return port;
  }
  const any = await tryPort(host, 0);
  if (any === undefined) throw new Error(`no port of ${host} is free`);
  return any;
}

/** Undefined when the port is taken, or not ours to take. Anything else that fails is thrown. */
async function tryPort(host: string, port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES') return undefined;
    throw error;
  }
  const { port: given } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return given;
}
