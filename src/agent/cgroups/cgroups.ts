/** What all steps of one build together may use; null: as much as there is. */
export interface BuildLimits {
  readonly memoryBytes: number | null;
  readonly pids: number | null;
  /** In cores; 0.5 is half of one. */
  readonly cpus: number | null;
}

/** The processes of one part of a build, a step or its clone, wherever they hide. */
export interface Cgroup {
  /** A process that writes its id into each of these files belongs to it from then on, with all that it starts. */
  readonly entrances: readonly string[];
  /** How many of its processes the kernel has killed for want of memory. */
  oomKills(): Promise<number>;
  /** Kills every process. True once none is left. */
  kill(): Promise<boolean>;
  /** Kills every process and removes the cgroup. True once it is gone. */
  end(): Promise<boolean>;
}

/** The cgroups of one worker: one for each build, which has the limits, and below it one for each of its parts. */
export interface Cgroups {
  /** What they can do here, for people. */
  readonly notice: string;
  /** The limits that they really keep. */
  readonly limits: BuildLimits;
  /** Makes the cgroup of a part of a build; the name is one part of a path. */
  open(build: string, part: string): Promise<Cgroup>;
  /** Kills and removes everything of a build. True once it is gone. */
  endBuild(build: string): Promise<boolean>;
  /** Kills and removes everything of this worker, also what an earlier agent of it has left. True once it is gone. */
  clear(): Promise<boolean>;
}
