import { refuse, type Field, type Reading } from './reading.js';

/** A stage with the places of what it needs. */
export interface DeclaredStage {
  readonly name: string;
  readonly field: Field;
  readonly needs: readonly { readonly name: string; readonly field: Field }[];
}

/** Refuses needs that no order of the stages can meet: unknown stages, the stage itself, circles. */
export function checkNeeds(stages: readonly DeclaredStage[], reading: Reading): void {
  const names = stages.map(({ name }) => name);
  for (const stage of stages) {
    for (const need of stage.needs) {
      if (need.name === stage.name) refuse(need.field, 'another stage than itself', reading);
      else if (!names.includes(need.name)) {
        const expected = `one of the other stages (${listed(names)})${reading.suggestions.didYouMean(need.name, names)}`;
        refuse(need.field, expected, reading);
      }
    }
  }
  for (const circle of findCircles(stages)) refuseCircle(circle, reading);
}

/** Told once for each circle, at the need of its first member in the file that closes it. */
function refuseCircle(circle: readonly DeclaredStage[], reading: Reading): void {
  const [first, second] = circle;
  const need = first?.needs.find(({ name }) => name === second?.name);
  const members = [...circle, first].map((stage) => stage?.name).join(' needs ');
  if (need !== undefined) refuse(need.field, `stages that do not wait for each other (${members})`, reading);
}

/**
 * One circle for each set of stages that wait for each other, beginning with its first in the file. What is met again
 * on the current path is a circle; a stage is followed once, so that the depth is at most `limits.stages`.
 */
function findCircles(stages: readonly DeclaredStage[]): (readonly DeclaredStage[])[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const done = new Set<string>();
  const circles = new Map<string, readonly DeclaredStage[]>();
  const follow = (stage: DeclaredStage, path: readonly DeclaredStage[]): void => {
    const start = path.indexOf(stage);
    if (start >= 0) circles.set(membersOf(path.slice(start)), path.slice(start));
    if (start >= 0 || done.has(stage.name)) return;
    for (const { name } of stage.needs) {
      const next = name === stage.name ? undefined : byName.get(name);
      if (next !== undefined) follow(next, [...path, stage]);
    }
    done.add(stage.name);
  };
  for (const stage of stages) follow(stage, []);
  return [...circles.values()].map((circle) => fromFirst(circle, stages));
}

function fromFirst(
  circle: readonly DeclaredStage[],
  stages: readonly DeclaredStage[],
): readonly DeclaredStage[] {
  const order = circle.map((stage) => stages.indexOf(stage));
  const first = order.indexOf(Math.min(...order));
  return [...circle.slice(first), ...circle.slice(0, first)];
}

function membersOf(circle: readonly DeclaredStage[]): string {
  return JSON.stringify(circle.map(({ name }) => name).sort());
}

function listed(names: readonly string[]): string {
  return names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
}
