import { CreateFoundations1795255200001 } from './1795255200001-create-foundations.js';
import { CreateReposAndProjects1795255200002 } from './1795255200002-create-repos-and-projects.js';
import { CreateChangesAndGroups1795255200003 } from './1795255200003-create-changes-and-groups.js';
import { CreateWorkers1795255200004 } from './1795255200004-create-workers.js';
import { CreateJobsAndBuilds1795255200005 } from './1795255200005-create-jobs-and-builds.js';
import { MarkWaitingJobs1795255200006 } from './1795255200006-mark-waiting-jobs.js';
import { CreateSecrets1795255200007 } from './1795255200007-create-secrets.js';
import { AddRepoCredentials1795255200008 } from './1795255200008-add-repo-credentials.js';
import { KeepWholeLogs1795255200009 } from './1795255200009-keep-whole-logs.js';
import { KeepOutputsAndArtifacts1795255200010 } from './1795255200010-keep-outputs-and-artifacts.js';
import { AddConcurrencyGroupsAndShares1795255200011 } from './1795255200011-add-concurrency-groups-and-shares.js';
import { RecordRebuilds1795255200012 } from './1795255200012-record-rebuilds.js';

/** Every migration, oldest first. A landed one is never edited. */
export const migrations = [
  CreateFoundations1795255200001,
  CreateReposAndProjects1795255200002,
  CreateChangesAndGroups1795255200003,
  CreateWorkers1795255200004,
  CreateJobsAndBuilds1795255200005,
  MarkWaitingJobs1795255200006,
  CreateSecrets1795255200007,
  AddRepoCredentials1795255200008,
  KeepWholeLogs1795255200009,
  KeepOutputsAndArtifacts1795255200010,
  AddConcurrencyGroupsAndShares1795255200011,
  RecordRebuilds1795255200012,
];
