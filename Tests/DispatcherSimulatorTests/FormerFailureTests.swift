import DispatcherSimulator
import Testing

/// Runs that once broke a promise, by what they broke.
struct FormerFailureTests {
  struct Run: CustomTestStringConvertible {
    let profile: DispatcherProfile
    let seed: UInt64
    let check: String
    var testDescription: String { "\(check): \(profile.rawValue) \(seed)" }
  }

  static let runs = [
    Run(profile: .longRecords, seed: 17, check: "event lost"),
    Run(profile: .queue, seed: 7, check: "order"),
    Run(profile: .bulk, seed: 6, check: "answer pushed out"),
    Run(profile: .calm, seed: 0, check: "dead letters lost"),
    Run(profile: .salvage, seed: 200, check: "salvage needed again"),
    Run(profile: .copies, seed: 12, check: "ghost"),
    Run(profile: .crashes, seed: 401, check: "no answer"),
  ]

  /// A restored copy, restored again, and a process that is killed before it could say whom it does not know.
  static let ghost = """
    seed 502 profile copies
    turn 13108352081862893286
    commit 5747010865492911869
    turn 4395271143185736907
    control 16485290739275607009
    registrations 1593894808928832135
    backup 7356170305262895138
    restoreBackup 3428706731614957252
    restoreBackup 4329445753408096433
    kill 14543143353612378315
    """

  /// A peer that has missed results older than those that are kept, and newer ones too.
  static let missedResults = """
    seed 401 profile crashes
    turn 6894569725750529765
    dieAtCall 10978251754805057423
    commit 8413678141914114548
    attach 8418872973118957879
    turn 1986262436495562540
    archive 2787346359787169139
    commit 4510539942794750213
    turn 17742596457957402407
    attach 11424701209437711550
    wallClock 10461384906437422101
    registrations 4394881062077423309
    turn 10854433166549833650
    commit 9124923713242506014
    archive 4261241574491169520
    registrations 754364893717110440
    turn 5907092022903619288
    commit 18343555252055604986
    kill 16241834241177160052
    """

  /// A result without a transaction is the oldest that is kept, and that of the newest transaction before it has gone.
  static let goneBeforeTheOldest = """
    seed 1249 profile crashes
    turn 14841634348900347013
    commit 4302103099608623679
    turn 15949696333743531399
    control 7501172387310678935
    submissions 586187048794482402
    submissions 2320545508830895296
    submissions 14431576861185509397
    submissions 13565869409748113396
    submissions 14582799226092257844
    submissions 11497175268713993378
    submissions 8506554728234089375
    archive 4645566695484611266
    submissions 13753719304811437814
    submissions 4147978238368865875
    submissions 8156685663602545929
    turn 4746594326472100922
    submissions 15885020882079120693
    submissions 1678177621240290907
    submissions 12618181711614169229
    submissions 16505510901108575058
    commit 4221820154033354504
    submissions 4937252446722839415
    submissions 2739583777820553895
    submissions 10465770783902353788
    kill 3909861740774081667
    turn 10140897485797577009
    control 5807742512195472808
    commit 2602330907830621455
    turn 10584625268450190653
    control 10704358387038324712
    submissions 9350188216090679052
    archive 5149576754987045260
    turn 12968729797750523104
    operations 12661247301670928740
    commit 12191711888588484667
    """

  /// A peer that has all results comes back behind a salvage that leaves out the numbers of what it lost.
  static let numbersLeftOut = """
    seed 1795909906 profile salvage
    turn 2976045188845144400
    commit 12387253840923118080
    turn 15511334050445020102
    control 9578458850505634603
    operations 4094805653964864969
    turn 14445333790528718591
    commit 15870275707736481117
    submissions 16575393908332251867
    turn 2645366555249527217
    commit 5007545494871371534
    damage 6719384698150283547
    """

  /// A dead letter's removal is lost with the process behind the refusal that said that there is no such letter.
  static let lostRemoval = """
    seed 43399 profile crashes
    turn 5101729411810990536
    commit 7897674807184394045
    turn 728973059916869253
    control 4108039346927048970
    submissions 6868738616955335368
    registrations 10888858819473588891
    dieAtCall 17472500001879164859
    turn 8109555550426108341
    reports 14398329117760685040
    commit 16395197561617647713
    attach 6854699393736202948
    dieInTurn 7305880362870152575
    commit 6013192989886638589
    turn 1120742282476102341
    control 4923022748441924687
    reports 3713734211440861816
    reports 5361417375805613487
    reports 17377091445422590431
    turn 11236076828027199427
    letters 15161056235032849429
    letters 16504869511038639389
    turn 615684380022251369
    read 10269653437691620133
    kill 11980049607481248464
    """

  /// The last commit ends a few bytes behind the beginning of a sector, and is spoilt.
  static let endBehindASector = """
    seed 12251 profile salvage
    turn 10596448208848604545
    commit 11070648681941001353
    turn 15096138105222384875
    control 15544509328970804464
    registrations 48846510749486376
    turn 13229950578995521697
    registrations 8397585561047665081
    turn 1302867274346390804
    commit 14798720614850533083
    submissions 2482121682532685967
    registrations 7170466625369559826
    turn 6239791607513484570
    reports 4090717526362616346
    commit 936059071933805597
    powerCut 16193591770945298369
    attach 5018747885231853911
    turn 16191708308135174694
    commit 12069576903227415326
    turn 4693985405843427150
    control 12986373035811149699
    submissions 17232371808038830299
    heartbeats 3780555812498466630
    control 17868515777584109331
    reports 103255403578339779
    heartbeats 2091097771516127079
    operations 14022474387391767560
    reports 6802952366572012998
    turn 4670243576703938940
    read 7571330874995914824
    damage 13801240954364752693
    operations 11603689107088862342
    attach 11542343470327621708
    turn 15535526484941348053
    turn 9603410913651792708
    commit 6433380742458475779
    turn 12854090514589778488
    control 100695469905176156
    turn 8644737792692454369
    losses 13650965953602576439
    reports 2857533027800621738
    turn 9566562927410047688
    reports 10961022891758547780
    reports 10423776044508314211
    turn 5769592749672497483
    reports 14800122618986497780
    read 13008968177322488775
    read 956704048618552330
    submissions 16370497550495013336
    commit 1774755019214740976
    submissions 13577532271753613662
    commit 4998855471339026124
    turn 14344961046373749127
    heartbeats 868474964660969950
    kill 7064969066880336407
    commit 17192888682199651549
    turn 10321554462019604466
    operations 590077970494682039
    commit 5344920052934123810
    turn 12264513857041103194
    read 16313326944594006776
    damage 5383602417152725530
    turn 7990565059893217759
    submissions 12583501518111644144
    powerCut 11177340211974130265
    attach 10935682507023509729
    operations 676501565689456118
    queries 7424657964444224629
    turn 17099977632098704810
    commit 186185624428009085
    turn 550127925147628703
    control 16999556836140079530
    heartbeats 2950773678342475919
    turn 2758842652524598330
    pause 1888715109068317136
    reports 13267363686043492439
    attach 4498070049175945767
    operations 13792506431027380149
    heartbeats 196371818931326567
    turn 2008206794099049234
    heartbeats 662322421357483041
    commit 15870258059117804748
    turn 12379547636357998345
    read 5333642938392635545
    reports 14585867586679499087
    turn 4708505404275277343
    heartbeats 13409672509884193885
    commit 7152391062072100587
    read 8985094454048611598
    turn 7144782233285973710
    read 18124727490859764024
    read 9496278768199010332
    damage 16615839073346968903
    """

  /// The answers of a peer that has left wait for the disk, more of them than may.
  static let answersOfTheDeparted = """
    seed 2 profile power
    powerCut 15697857786746881440
    attach 15571692457821944817
    turn 881451658473109671
    commit 12367849333621505909
    turn 3228894714705530522
    control 3656090718362126213
    registrations 15482153487758476579
    submissions 13038431954876435157
    attach 15880656772659125673
    turn 3226009213205251927
    commit 18340628537483582714
    reports 14463421653979337188
    turn 5375586688960724396
    control 861522122140758823
    detach 5127791324156207928
    """

  /// An event that became no transaction is answered, and behind a snapshot another one of the same peer is.
  static let answerBeforeASnapshot = """
    seed 85 profile crashes
    turn 13830010329430001982
    commit 16129621193861474034
    turn 11456887717541464286
    control 13276427426066193426
    registrations 18089600446584785123
    turn 11218349378148024018
    registrations 4611614385372087540
    turn 7955447061599004801
    dieAtCall 3635721124377499488
    registrations 15176427436043835567
    turn 11361895226709666564
    commit 15562004455184577943
    attach 7608337172780914919
    turn 4034434817447126824
    commit 11715103081708026412
    turn 5115039319652924667
    control 1606680530760448660
    heartbeats 5832409347109640117
    heartbeats 15565270442576950205
    heartbeats 5067180633500135190
    submissions 17153359266857563060
    heartbeats 2588844320946920052
    registrations 1867645751995100461
    turn 9066730605060896337
    turn 14755659904524519248
    turn 11998156171553883772
    turn 7654878962026865457
    turn 13476084071404286652
    turn 16917908554308661202
    turn 9713627471339765445
    turn 2722060172911678737
    commit 12847321017672122617
    archive 8101994290417650573
    turn 16777355997715341901
    turn 4984075302665956619
    commit 40025870670131993
    kill 8951369583197732918
    """

  @Test(arguments: runs)
  func runKeepsItsPromises(_ run: Run) throws {
    let failure = try DispatcherFuzzer().run(seed: run.seed, profile: run.profile, steps: 600)
    #expect(failure == nil, "\(failure.map { "[\($0.check)] \($0.message)" } ?? "")")
  }

  @Test(arguments: [
    ghost, missedResults, goneBeforeTheOldest, numbersLeftOut, lostRemoval, endBehindASector, answersOfTheDeparted,
    answerBeforeASnapshot,
  ])
  func scriptKeepsItsPromises(_ text: String) throws {
    let script = try #require(SimulationScript(text: text))
    let failure = try DispatcherFuzzer().run(seed: script.seed, profile: script.profile, script: script.steps)
    #expect(failure == nil, "\(failure.map { "[\($0.check)] \($0.message)" } ?? "")")
  }
}
