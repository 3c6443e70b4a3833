/** The page's entry. */
import { render } from 'preact';
import './styles/base.css';

render(<h1>Wanhook</h1>, document.getElementById('page')!);
