/** Of the API, not of the package: it moves when callers must look again. */
export const VERSION = '1.0.0';
