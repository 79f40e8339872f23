import { once } from 'node:events';
import { Client, type Connection, type Submittable } from 'pg';
import { machineMs } from '../machine-clock.js';

const BUILD = Buffer.alloc(16, 1);

/**
 * COPY of the same bytes, in the same pieces, into a table like that of the chunks, in one transaction: what PostgreSQL
 * and the disk take from anybody.
 */
export async function measureCopy(
  databaseUrl: string,
  pieces: Iterable<Buffer>,
): Promise<{ readonly seconds: number }> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('create table copied (like log_chunks including all)');
    const startMs = machineMs();
    await copy(client, 'copy copied (build_id, step, seq, data) from stdin with (format binary)', pieces);
    const seconds = (machineMs() - startMs) / 1_000;
    await client.query('drop table copied');
    return { seconds };
  } finally {
    await client.end();
  }
}

async function copy(client: Client, statement: string, pieces: Iterable<Buffer>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const submittable: Submittable & Record<string, unknown> = {
      submit: (connection: Connection) => connection.query(statement),
      handleCopyInResponse: (connection: CopyConnection) => void send(connection, pieces).catch(reject),
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    };
    client.query(submittable);
  });
}

/** What pg's own types leave out. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
}

async function send(connection: CopyConnection, pieces: Iterable<Buffer>): Promise<void> {
  const { stream } = connection;
  const write = async (bytes: Buffer): Promise<void> => {
    connection.sendCopyFromChunk(bytes);
    if (stream.writableNeedDrain) await once(stream, 'drain');
  };
  // Signature, flags, and the length of an extension that there is not.
  await write(Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]));
  let seq = 0;
  for (const bytes of pieces) await write(tupleOf(seq++, bytes));
  await write(Buffer.from([0xff, 0xff]));
  connection.endCopyFrom();
}

/** Four fields, each behind its length: build, step, number, bytes. */
function tupleOf(seq: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(2 + 20 + 8 + 8 + 4);
  head.writeInt16BE(4, 0);
  head.writeInt32BE(BUILD.byteLength, 2);
  BUILD.copy(head, 6);
  head.writeInt32BE(4, 22);
  head.writeInt32BE(1, 26);
  head.writeInt32BE(4, 30);
  head.writeInt32BE(seq, 34);
  head.writeInt32BE(bytes.byteLength, 38);
  return Buffer.concat([head, bytes]);
}
