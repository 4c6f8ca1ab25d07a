import { mount } from 'svelte'
import App from './App.svelte'
import './base.css'
import './tokens.css'

const target = document.querySelector('#app')
if (target === null) throw new Error('index.html has no #app')
mount(App, { target })
