/** What the template tells a function through its environment. A missing variable stops the function at its start. */

/** @throws Error naming the variable when the template does not set it */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The function's environment lacks ${name}`);
  return value;
}

export const number = (name: string): number => Number(variable(name));
export const flag = (name: string): boolean => variable(name) === 'true';
/** A JSON object of strings. */
export const mapping = (name: string): Record<string, string> => JSON.parse(variable(name));
/** A JSON object that the settings were checked for. */
export const object = <Shape>(name: string): Shape => JSON.parse(variable(name));
export const list = (name: string): string[] => variable(name).split(',').filter(Boolean);
