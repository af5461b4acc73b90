export { type Sign, signOf } from '../../../../shared/value-sign';
