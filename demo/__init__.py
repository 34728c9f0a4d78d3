"""
The main job, end to end, on servers of our own: `make demo`.

* `story`: the steps and what each must prove.
* `stage`: the servers, the folder and the environment it is played in.
* `page`: what is printed of it.
* `encore`: the servers stay, for somebody to play with.
* `receiver`: what a team that receives alerts would run.
* `alerts`: alerts that keep coming.
* `__main__`: plays it.
"""
