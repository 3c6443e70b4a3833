/** The product asks for something that the simulation cannot do yet: never an answer of a service, always the run's end. */
export class Gap extends Error {
  override readonly name = 'Gap';

  constructor(what: string) {
    super(`The simulation does not know ${what}: teach it, in test/simulation`);
  }
}
