import { Artifact } from '../artifacts/index.js';
import { Build, BuildOutput, Step } from '../builds/index.js';
import { Change, ChangeGroup } from '../changes/index.js';
import { Group, GroupProject } from '../groups/index.js';
import { Job } from '../jobs/index.js';
import { Project } from '../projects/index.js';
import { Organisation, Repo } from '../repos/index.js';
import { Secret } from '../secrets/index.js';
import { Pool, Worker } from '../workers/index.js';

/** Every entity that the API reads; for the data source. */
export const entities = [
  Artifact,
  Build,
  BuildOutput,
  Change,
  ChangeGroup,
  Group,
  GroupProject,
  Job,
  Organisation,
  Pool,
  Project,
  Repo,
  Secret,
  Step,
  Worker,
];
