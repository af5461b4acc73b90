export { visible } from '../../../shared/visible';
