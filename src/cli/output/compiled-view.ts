import type { CompiledRecord, ExplanationRecord, StepRecord } from '../pipeline/compiled-record.js';
import type { Terminal } from '../terminal.js';
import type { Format } from './formats.js';
import { printList, printRecord, type RecordView } from './print-records.js';
import { printable } from './printable.js';
import { type Column, renderTable } from './table.js';
import { precisely } from './times.js';

const columns: readonly Column<StepRecord>[] = [
  { title: 'STEP', text: ({ name }) => name },
  { title: 'STAGE', text: ({ stage }) => stage ?? '-' },
  { title: 'RUNS', text: ({ ruleset }) => whenOf(ruleset.status) },
  { title: 'SECRETS', text: ({ secrets }) => secrets.map(({ target }) => target).join(', ') || '-' },
  { title: 'COMMANDS', text: (step) => programOf(step) },
  { title: 'IMAGE', wide: true, text: ({ image }) => image ?? '-' },
  {
    title: 'TIMEOUT',
    wide: true,
    text: ({ timeoutMs }) => (timeoutMs === null ? '-' : precisely(timeoutMs)),
  },
  { title: 'RETRIES', wide: true, text: ({ retry }) => String(retry?.max ?? 0) },
  { title: 'ARTIFACTS', wide: true, text: ({ artifacts }) => artifacts.join(', ') || '-' },
];

const stepView: RecordView<StepRecord> = { nameOf: ({ name }) => name, columns };

/** Prints a compiled pipeline: the whole record for programs, its steps by name, or a page for people. */
export async function printCompiled(
  terminal: Terminal,
  record: CompiledRecord,
  { format }: { readonly format: Format },
): Promise<void> {
  if (format === 'name') return printList(terminal, record.steps, { format, view: stepView });
  if (format !== 'table' && format !== 'wide') {
    return printRecord(terminal, record, { format, view: { nameOf: () => '', columns: [] } });
  }
  for (const warning of record.warnings) terminal.say(printable(`warning: ${warning}`));
  terminal.out(head(record));
  const shown = columns.filter(({ wide }) => format === 'wide' || wide !== true);
  terminal.out(renderTable(record.steps, { columns: shown, colours: terminal.outColours }));
  const said = record.explain?.map((entry) => explanation(entry, terminal)) ?? leftOut(record, terminal);
  terminal.out(said.join(''));
}

function head({ target, labels, stages, unresolvedTemplates, reason }: CompiledRecord): string {
  const lines = [
    ...(reason === null ? [] : [`nothing runs: ${reason}`]),
    ...(target === null ? [] : [`target: ${target}`]),
    ...Object.entries(labels).map(([name, value]) => `label: ${name}=${value}`),
    ...stages.map(
      ({ name, needs }) => `stage: ${name}${needs.length > 0 ? ` after ${needs.join(', ')}` : ''}`,
    ),
    ...unresolvedTemplates.map((name) => `template that is not resolved: ${name}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function leftOut({ skippedSteps }: CompiledRecord, { outColours }: Terminal): string[] {
  return skippedSteps.map(
    ({ step, reason }) => `${outColours.yellow(`✗ ${printable(step)} is out`)}: ${printable(reason)}\n`,
  );
}

/** A glyph and a sentence for the step, then a line for each rule. */
function explanation(
  { step, stage, runs, reason, rules }: ExplanationRecord,
  { outColours }: Terminal,
): string {
  const name = printable(stage === null ? step : `${stage}/${step}`);
  const verdict = runs ? outColours.green(`✓ ${name} is in`) : outColours.yellow(`✗ ${name} is out`);
  const lines = rules.map((rule) => `    ${printable(ruleWords(rule))}\n`);
  return `${verdict}: ${printable(reason)}\n${lines.join('')}`;
}

function ruleWords({
  clause,
  key,
  patterns,
  values,
  matched,
  by,
}: ExplanationRecord['rules'][number]): string {
  const subject = `${clause} ${key} ${listOf(values)}`;
  if (matched === null) return `${subject}: known when it runs (${listOf(patterns)})`;
  return matched
    ? `${subject}: matches ${listOf([by ?? ''])}`
    : `${subject}: does not match ${listOf(patterns)}`;
}

function listOf(texts: readonly string[]): string {
  const shown = texts.slice(0, 5).map((text) => JSON.stringify(text.slice(0, 80)));
  return texts.length === 0 ? '(none)' : [...shown, ...(texts.length > 5 ? ['…'] : [])].join(', ');
}

function whenOf(statuses: readonly string[] | undefined): string {
  return statuses === undefined ? 'while nothing has failed' : `at ${statuses.join(' or ')}`;
}

function programOf({ entrypoint, commands }: StepRecord): string {
  const text = [...entrypoint, ...(commands.length > 0 ? [commands.join('; ')] : [])].join(' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
