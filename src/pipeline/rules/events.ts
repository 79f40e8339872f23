/** Every event and its actions; `plain` ones are meant by the event's name alone. */
const events: Readonly<Record<string, { plain: readonly string[]; others: readonly string[] }>> = {
  push: { plain: [], others: [] },
  pull_request: { plain: ['opened', 'synchronize', 'reopened'], others: ['edited', 'labeled', 'unlabeled'] },
  tag: { plain: [], others: [] },
  comment: { plain: ['created', 'edited'], others: [] },
  deployment: { plain: ['created'], others: [] },
  schedule: { plain: ['run'], others: [] },
  delete: { plain: ['branch', 'tag'], others: [] },
  merge_group: { plain: ['checks_requested'], others: [] },
  upload: { plain: [], others: [] },
  manual: { plain: [], others: [] },
  api: { plain: [], others: [] },
};

/** All names that an `event` rule may give, as `event` and `event:action`. */
export const knownEventNames: readonly string[] = Object.entries(events).flatMap(([event, actions]) => [
  event,
  ...[...actions.plain, ...actions.others].map((action) => `${event}:${action}`),
]);

/**
 * The names that a change's event answers to: a pull request that was opened is `pull_request` and
 * `pull_request:opened`, an edited one is `pull_request:edited` alone, as is any action that the event does not mean.
 */
export function eventNames(event: string, action?: string): readonly string[] {
  const [base = '', ...rest] = event.split(':');
  const act = rest.length > 0 ? rest.join(':') : (action ?? '');
  if (act === '') return [base];
  const plain = Object.hasOwn(events, base) ? (events[base]?.plain ?? []) : [];
  const isPlain = plain.length === 0 || plain.includes(act);
  return isPlain ? [base, `${base}:${act}`] : [`${base}:${act}`];
}
