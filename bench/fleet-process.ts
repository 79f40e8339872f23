// The process of the simulated agents; started and asked by Fleet (fleet.ts).
import { measureEchoes } from './floors/echo-floor.js';
import type { FleetCalls, FleetCall, FleetMessage, FleetPlan, FleetRequest, Life } from './fleet/messages.js';
import { SimulatedAgent } from './fleet/simulated-agent.js';
import { watchMemory } from './memory-watch.js';

/** Lives travel together: a message each would be measured along. */
const REPORT_MS = 5;

let agents: SimulatedAgent[] = [];
let lives: Life[] = [];
let logs = { bytesPerBuild: 0, memory: watchMemory() };

type Answer = FleetCalls[FleetCall]['answer'];

const answers: { [Call in FleetCall]: (request: FleetCalls[Call]['request']) => Promise<Answer> } = {
  connect: async (plan) => {
    agents = await Promise.all(
      namesOf(plan).map((name) =>
        SimulatedAgent.join(plan, name, { noteLife, logBytes: () => logs.bytesPerBuild }),
      ),
    );
    return null;
  },
  echo: ({ url, seconds }) => measureEchoes(url, seconds),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return Promise.resolve(user + system);
  },
  beginLogs: ({ bytesPerBuild }) => {
    logs.memory.stop();
    logs = { bytesPerBuild, memory: watchMemory() };
    return Promise.resolve(null);
  },
  endLogs: () => {
    logs.bytesPerBuild = 0;
    return Promise.resolve(logs.memory.stop());
  },
  leave: async () => {
    await Promise.all(agents.map((agent) => agent.leave()));
    return null;
  },
};

process.on('message', (message: FleetRequest) => void answerCall(message));
// The bench is gone: nobody needs its agents.
process.on('disconnect', () => process.exit());

async function answerCall<Call extends FleetCall>({ call, request }: FleetRequest<Call>): Promise<void> {
  try {
    send({ kind: 'ANSWER', answer: await answers[call](request) });
  } catch (error) {
    send({ kind: 'FAILED', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function namesOf({ agents }: FleetPlan): string[] {
  return Array.from({ length: agents }, (_, index) => `bench-${index + 1}`);
}

function noteLife(life: Life): void {
  lives.push(life);
  if (lives.length > 1) return;
  setTimeout(() => {
    const noted = lives;
    lives = [];
    send({ kind: 'LIVES', lives: noted });
  }, REPORT_MS);
}

function send(message: FleetMessage): void {
  process.send?.(message);
}
