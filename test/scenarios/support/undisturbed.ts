import { type Effects, effectsOf } from './effects.ts';
import { World } from './world.ts';

/** What a run comes to that nobody disturbs, on databases of these names. */
export async function undisturbedEffects(...banks: readonly string[]): Promise<Effects> {
  await using world = await World.create({ banks });
  const { code, notes } = await world.run().ended;
  if (code !== 0) throw new Error(`an undisturbed run ended with ${code}: ${notes}`);
  // The world must live until everything has been read.
  return await effectsOf(world);
}
