"""
A Signa webhook endpoint and its signing secret.

* `schema`: a row a property.
* `state`: `Declared` brought beside Signa's answers, and `State`, both frozen.
* `life`: check, plan, create, read, update, delete.
* `creation`: an endpoint is made once; `search`: one that other inputs made is found again.
* `adoption`: an endpoint that exists is taken over.
* `settling`: whatever was made or found is brought to what is declared.
* `rotation`: when a rotation is due; `schedule`: the dates; `issuing`: a due rotation is carried out once.
* `held_secret`: the secret that a stack holds; `keeping`: where its value is kept.
* `messages`: what users read.
"""
