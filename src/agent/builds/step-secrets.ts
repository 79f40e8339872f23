import type { CompiledStep } from '../../pipeline/index.js';
import type { SealContent } from '../../protocol/messages.js';
import { cut } from '../../base/text.js';

/** What Linux takes as one `NAME=value` of an environment, its NUL included. */
const MAX_VARIABLE_BYTES = 128 * 1024;
const MAX_REASON = 500;

/** The secrets of one step. */
export interface StepSecrets {
  /** Variables with their values. */
  readonly environment: Readonly<Record<string, string>>;
  /** Lines for the step's log: each secret that it named and does not get, and why. Without any value. */
  readonly notices: readonly string[];
}

type Given = { readonly value: string } | { readonly refusal: string };

/**
 * What a step gets of the secrets in a package: exactly those that it names and that the server has meant for it. The
 * others are said, never silently absent.
 */
export function secretsOf(step: CompiledStep, content: SealContent): StepSecrets {
  const given = (step.secrets ?? []).map((wanted) => ({ ...wanted, ...findSecret(step, wanted, content) }));
  const values = given.flatMap((one) => ('value' in one ? [[one.variable, one.value] as const] : []));
  const notices = given.flatMap((one) =>
    'refusal' in one ? [`[slipway: secret ${one.name} is not given: ${one.refusal}]`] : [],
  );
  return { environment: Object.fromEntries(values), notices };
}

function findSecret(
  { number }: CompiledStep,
  { name, variable }: { readonly name: string; readonly variable: string },
  { secrets, refusedSecrets }: SealContent,
): Given {
  const secret = secrets.find((one) => one.name === name && one.steps.includes(number));
  if (secret !== undefined) return fitting(variable, secret.value);
  const refused = refusedSecrets.find((one) => one.name === name && one.step === number);
  return {
    refusal: refused ? oneLine(refused.reason) : 'the server has sent neither its value nor a reason',
  };
}

/** A value that no process can be given would otherwise keep its step from being started at all. */
function fitting(variable: string, value: string): Given {
  if (value.includes('\0')) return { refusal: 'its value has a NUL byte, which no variable can hold' };
  const bytes = Buffer.byteLength(`${variable}=${value}`) + 1;
  if (bytes <= MAX_VARIABLE_BYTES) return { value };
  return {
    refusal: `with its value, ${variable} has ${bytes} bytes, expected at most ${MAX_VARIABLE_BYTES}`,
  };
}

function oneLine(reason: string): string {
  return cut(reason.replace(/\s+/g, ' ').trim(), MAX_REASON);
}
