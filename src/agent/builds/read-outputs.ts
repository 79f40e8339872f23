import { rm } from 'node:fs/promises';
import { ContainedDirectory } from '../files/contained-file.js';
import type { BuildOutputs } from './build-outputs.js';
import { outputsName, type Workspace } from './workspace.js';

/** Bytes of a step's file of outputs that are read; what is beyond is said and left. */
export const MAX_OUTPUT_BYTES = 64 * 1024;

/** Nothing is left of what an earlier run of the step has written. */
export async function clearOutputs(workspace: Workspace, step: number): Promise<void> {
  const directory = await ContainedDirectory.open(workspace.outputs);
  if (directory === null) return;
  await directory.close();
  await rm(workspace.outputsOf(step), { recursive: true, force: true });
}

/** Reads what a step has written to `$SLIPWAY_OUTPUTS`; answers what its log should say of that. */
export async function readOutputs(
  workspace: Workspace,
  step: number,
  outputs: BuildOutputs,
): Promise<string[]> {
  const directory = await ContainedDirectory.open(workspace.outputs);
  if (directory === null) return ['the outputs are left out: their directory was replaced'];
  try {
    const opened = await directory.file(outputsName(step));
    if (opened.kind === 'MISSING') return [];
    if (opened.kind === 'REFUSED') return [`the outputs are left out: the file ${opened.reason}`];
    try {
      return take(await readUpTo(opened.file, MAX_OUTPUT_BYTES + 1), outputs);
    } finally {
      await opened.file.close();
    }
  } finally {
    await directory.close();
  }
}

function take(bytes: Buffer, outputs: BuildOutputs): string[] {
  if (bytes.length <= MAX_OUTPUT_BYTES) return outputs.take(bytes.toString());
  const end = bytes.lastIndexOf('\n', MAX_OUTPUT_BYTES - 1) + 1;
  const notice = `the outputs are longer than ${MAX_OUTPUT_BYTES} bytes: the lines beyond are left out`;
  return [...outputs.take(bytes.subarray(0, end).toString()), notice];
}

async function readUpTo(
  file: { read: (buffer: Buffer, offset: number, length: number) => Promise<{ bytesRead: number }> },
  most: number,
): Promise<Buffer> {
  const buffer = Buffer.alloc(most);
  let length = 0;
  for (let bytesRead = -1; bytesRead !== 0 && length < most; length += bytesRead)
    ({ bytesRead } = await file.read(buffer, length, most - length));
  return buffer.subarray(0, length);
}
