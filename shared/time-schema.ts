import { z } from 'zod';
import { firstMs, lastMs } from './time';

const outside = 'It lies outside the years 0 to 9999.';

/** A moment that may come from anywhere, epoch ms: finite, so that no range and no wait that it begins is without an end. */
export const timeSchema = z.number().min(firstMs, outside).max(lastMs, outside);
