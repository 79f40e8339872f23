/** The label by which a worker says how it runs steps: `sandbox`, `process`. Builds may require one as any other. */
export const DRIVER_LABEL = 'driver';
